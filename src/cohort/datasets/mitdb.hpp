// MIT-BIH Arrhythmia Database (PhysioNet, mitdb 1.0.0): 48 records of 30 min, two leads, 360 Hz, of
// 47 subjects (Moody and Mark, IEEE Eng. Med. Biol. 20(3):45, 2001).
//
// Two data sets of one adapter. `mitdb`: a row per record. `mitdb-beat`: a row per beat of the
// reference annotations (.atr), a window of IndexOptions::window_seconds centred on it; beats whose
// window would leave the record have none. Age and sex come from the headers' first comment.
//
// Column beat: the AAMI classes (ANSI/AAMI EC57; table I of de Chazal, O'Dwyer and Reilly, IEEE
// Trans. Biomed. Eng. 51:1196, 2004): N (N L R e j), S (A a J S), V (V E), F, Q (/ f Q); column
// symbol: the annotation's own.
//
// Splits: the inter-patient division of de Chazal et al. 2004: DS2 is the test. Of DS1, records
// 114, 118, 205, 215 and 223 are the validation (all classes occur in them). The paced records 102,
// 104, 107 and 217 are in neither and have no split. Records 201 and 202 are of one subject; DS1
// has the one and DS2 the other, which would leak: 201 has no split. Column ds: DS1, DS2 or paced.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset mitdb_dataset();
Dataset mitdb_beat_dataset();

}  // namespace clef
