// Aurora-BP (Microsoft; Mieloszyk et al., IEEE J. Biomed. Health Inform. 26:2864, 2022): lead I at
// 500 Hz beside blood pressure. Layout as in the published sample data and its description
// (github.com/microsoft/aurorabp-sample-data).
//
// Reads participants.tsv (pid, age in years, height in inches, weight in pounds, gender, diabetes)
// and features.tsv (pid, baseline_sbp, baseline_dbp in mmHg: a participant's first row that has
// both). A row is the first calibration measurement of a participant of the auscultatory protocol,
// measurements_auscultatory/PID/PID.initial.Calibration_start_1.tsv: columns t (s) and ekg (mV).
// Label columns: sbp_mmhg, dbp_mmhg. Splits: by a hash of the participant, 70/15/15.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset aurora_bp_dataset();

}  // namespace clef
