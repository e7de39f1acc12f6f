// PhysioNet/CinC Challenge 2017: single-lead hand-held ECGs of 9–61 s at 300 Hz (Clifford et al.,
// "AF classification from a short single lead ECG recording", Computing in Cardiology 2017).
//
// Reads REFERENCE.csv (record, class; no header) from the folder or from its training/ folder.
// Label column rhythm: N normal, A atrial fibrillation, O other rhythm, ~ too noisy. The data set
// names no patients, so each record is its own; it ships no split, so records are split by a hash
// of their names, 70 % train, 15 % val, 15 % test.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset cinc2017_dataset();

}  // namespace clef
