// Resampling through the Fourier transform: the signal is taken as one period of a band-limited
// periodic function, which is evaluated at other instants. As scipy.signal.resample.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace clef {

// The signal in `samples_out` samples over the same time. Every sample must be a number. Time
// O(n log n) for any length. Thread-safe.
// Errors: InputError for an empty signal, none asked for, or more than 2^22 samples on either side
// (a day's recording is cut into windows first).
std::vector<float> fourier_resample(std::span<const float> signal, std::size_t samples_out);

}  // namespace clef
