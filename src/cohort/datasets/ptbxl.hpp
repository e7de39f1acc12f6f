// PTB-XL 1.0.3: 21,799 clinical 12-lead ECGs of 10 s (Wagner et al., Sci. Data 7:154, 2020).
//
// Reads ptbxl_database.csv and scp_statements.csv. Splits are the official folds: strat_fold 1–8
// train, 9 val, 10 test. An age of 300, which stands for "over 89", becomes 90. Sex 0 is male, 1
// female. Label columns (classes joined by ';', empty when the record has none of the kind):
// superdiagnostic, subdiagnostic, diagnostic, form, rhythm (scp_codes.hpp says by which rule);
// notes: strat_fold, ecg_id, scp_codes. A row without patient_id is its own patient.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset ptbxl_dataset();

}  // namespace clef
