// Amplitude normalisation and the filling of gaps. Thread-safe.
#pragma once

#include <span>

namespace clef {

// (x − mean) / (standard deviation + 1e-8), in place; population deviation, double inside. A
// constant signal becomes zeros. Every sample must be a number.
void z_score(std::span<float> samples, double epsilon = 1e-8);

// Replaces each run of NaN by the straight line between its neighbours; runs at either end take the
// nearest value (numpy.interp). False, and nothing changed, when there is no number at all.
bool interpolate_missing(std::span<float> samples);

// Replaces each NaN by zero. False, and nothing changed, when there is no number at all.
bool zero_missing(std::span<float> samples);

}  // namespace clef
