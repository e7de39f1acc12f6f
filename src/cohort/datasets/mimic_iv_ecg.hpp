// MIMIC-IV-ECG (PhysioNet, mimic-iv-ecg 1.0): 800,035 12-lead ECGs of 10 s at 500 Hz of 161,352
// patients (Gow et al. 2023). Its records store aVF before aVL: leads are found by name.
//
// Two data sets of one adapter:
//   mimic-iv-ecg       every row of record_list.csv (subject_id, study_id, file_name, ecg_time,
//                      path); splits by a hash of the patient, 70/15/15
//   mimic-iv-ecg-lvef  the rows of LVEF.csv alone: the record's path in its second column, the
//                      ejection fraction in % in the last but one, the label of a low one (0 or 1)
//                      in the last. Splits: the first 80 % of its rows train, the next 10 % val,
//                      the last 10 % test; a patient belongs to where his first row lies
// Beside them, where they are there: machine_measurements.csv (study_id, report_0 …,
// rr_interval, p_onset, qrs_onset, qrs_end, t_end in ms; 29999 says that none was measured) gives
// the columns report (statements joined by " | "), heart_rate_bpm, pr_ms, qrs_ms and qt_ms;
// patients.csv of MIMIC-IV (subject_id, gender, anchor_age, anchor_year) gives sex and age.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset mimic_iv_ecg_dataset();
Dataset mimic_iv_ecg_lvef_dataset();

}  // namespace clef
