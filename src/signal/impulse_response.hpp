// What a filter is, told by what it answers: its impulse response and its gain at 0 Hz, for those
// who cannot run its difference equation. Thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "signal/butterworth.hpp"

namespace clef {

// The answer to 1, 0, 0, …: its first `samples` values, computed in extended precision, for a
// narrow band-pass magnifies every rounding (butterworth.hpp). a[0] must not be zero.
std::vector<float> impulse_response(const FilterCoefficients& filter, std::size_t samples);

// Σb ÷ Σa: what a constant input of 1 settles at.
long double gain_at_zero(const FilterCoefficients& filter);

}  // namespace clef
