// The running median, and with it the baseline that wanders under an ECG. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace clef {

// For every sample the median of the `width` samples around it; beyond both ends lie zeros, as
// scipy.signal.medfilt has it (so that the median of a signal away from zero bends towards zero at
// its ends). Every sample must be a number. O(n log n) whatever the width.
// Errors: InputError unless width is odd.
std::vector<double> running_median(std::span<const double> signal, std::size_t width);

}  // namespace clef
