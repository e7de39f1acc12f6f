// A patient's recordings as one row: for tasks whose answer is the patient's (`per = "patient"`).
#pragma once

#include "evaluation/scoring.hpp"

namespace clef {

struct PatientRows {
    EvaluationRows rows;  // `records` are the patients' names
    Targets targets;
    Matrix predictions;  // means over the patient's answered recordings
};

// Of the rows that have an answer and a split; the others are left out. A patient whose recordings
// have different answers, or lie in different splits, is an InputError that names them.
PatientRows by_patient(const Matrix& predictions, const EvaluationRows& rows,
                       const Targets& targets);

}  // namespace clef
