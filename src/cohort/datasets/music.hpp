// MUSIC, sudden cardiac death in chronic heart failure (PhysioNet, music-sudden-cardiac-death
// 1.0.1): 992 patients, 936 of them with a Holter ECG of 24 h at 200 Hz, leads X, Y and Z
// (Martín-Yebra et al. 2024). Records: Holter_ECG/P0001.hea.
//
// Reads subject-info.csv (semicolons; names with blanks at their ends): Patient ID, Cause of death,
// Exit of the study, Follow-up period from enrollment (days), Holter available and, where there,
// Age, Gender (male=1), Weight (kg), Height (cm), systolic and diastolic blood pressure, Diabetes
// (yes=1), LVEF (%). Only patients with a Holter are rows; each row is the first
// IndexOptions::window_seconds of it, as CLEF was evaluated (a mean over 24 h is another task:
// empty start_s and duration_s).
//
// Column outcome, from the cause of death: survivor (0), non-cardiac (1), sudden (3), pump-failure
// (6, 7); empty for patients who had a transplantation or were lost (exit 1 or 2) and lived.
// Splits: by a hash of the patient, 70/15/15; the data set ships none.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset music_dataset();

}  // namespace clef
