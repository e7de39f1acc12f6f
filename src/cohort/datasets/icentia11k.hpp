// Icentia11k (PhysioNet, icentia11k-continuous-ecg 1.0): single-lead ECGs at 250 Hz of 11,000
// patients, up to two weeks each, in 541,794 segments of some 70 min (Tan et al., Computing in
// Cardiology 2021). Layout: p00/p00000/p00000_s00.{hea,dat,atr}.
//
// Three data sets of one adapter; splits are by a hash of the patient, 70/15/15.
//   icentia11k         a row per segment, no file opened: for pretraining.
//   icentia11k-beat    column beat, N S V (the annotations' own symbols; Q, undefined, is left out)
//   icentia11k-rhythm  column rhythm, N AFIB AFL (notes "(N", "(AFIB", "(AFL" of "+" annotations)
// For the last two each patient gives at most one window of IndexOptions::window_seconds of each
// class: from the first segment that has a fitting one, drawn at random among them, the same on
// every machine. A beat's window is centred on it; a rhythm's begins at its mark and ends before
// the rhythm does.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset icentia11k_dataset();
Dataset icentia11k_beat_dataset();
Dataset icentia11k_rhythm_dataset();

}  // namespace clef
