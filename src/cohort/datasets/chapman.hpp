// Chapman University, Shaoxing and Ningbo hospitals (PhysioNet, ecg-arrhythmia 1.0.0): 45,152
// 12-lead ECGs of 10 s at 500 Hz, one of each patient (Zheng et al., Sci. Data 7:48, 2020; Sci.
// Rep. 10:2898, 2020).
//
// Reads ConditionNames_SNOMED-CT.csv (Acronym Name, Full Name, Snomed_CT) and the comments Age, Sex
// and Dx of every header in WFDBRecords/. Label column diagnosis: the acronyms of Dx joined by ';';
// where a code has several acronyms (IDC and IVB, MI and its walls) the first of the table; a code
// that the table lacks stands as it is.
//
// With chapman_train.csv, chapman_val.csv and chapman_test.csv of the HeartLang and MERL benchmarks
// beside them (ecg_path, age, diagnose, one column per class), only their records are listed, with
// their splits; heartlang_classes holds the classes as those tables mark them. Those marks were
// made by searching texts: AFIB is marked AF too, 1AVB also AVB and VB, STTC also ST. diagnosis has
// the exact ones. Without them the split is by a hash of the record's name.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset chapman_dataset();

}  // namespace clef
