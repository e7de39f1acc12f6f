// Lobachevsky University database (PhysioNet, ludb 1.0.1): 200 12-lead ECGs of 10 s at 500 Hz, one
// of each subject (Kalyakulina et al., IEEE Access 8:186181, 2020).
//
// Reads ludb.csv, whose cells are quoted over several lines and hold one statement a line; records
// lie in data/. Label columns, statements joined by ';': rhythm, axis, conduction, extrasystoles,
// hypertrophies, pacing, ischemia, repolarization, other (a final full stop and "Electric axis of
// the heart: " are dropped). An age of ">89" becomes 90. Splits: by a hash of the record's name,
// 70/15/15.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset ludb_dataset();

}  // namespace clef
