// MC-MED (PhysioNet, mc-med 1.0.1): 118,385 emergency department visits of 70,545 adults, 83,623 of
// them with monitor waveforms (Kansal et al. 2025). Lead II at 500 Hz lies in
// waveforms/XXX/ID/II/ID_1.hea, where ID is the visit's CSN and XXX its last three digits.
//
// Reads visits.csv (CSN, MRN, Age, Gender, Triage_SBP, Triage_DBP, Triage_acuity, ED_dispo,
// DC_dispo; also with visit_id for CSN, as tables derived from it have) and split_chrono_train.csv,
// split_chrono_val.csv and split_chrono_test.csv (a CSN a line, no header). Only visits with a
// lead II are rows. Label columns: ed_disposition, discharge_disposition, triage_acuity as
// published; sbp_mmhg and dbp_mmhg are those of triage. A patient (MRN) with visits in several of
// the files keeps the latest part, test before val before train; his other visits have no split.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset mc_med_dataset();

}  // namespace clef
