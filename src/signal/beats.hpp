// Heart beats of a prepared window: where they are, the median beat of each lead, and a few numbers
// about their rhythm. Made for targets of self-supervised training, where a missed beat costs
// little; not a clinical QRS detector.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace clef {

// Samples of the R peaks, ascending. The leads are of one length, in comparable units (z-scored),
// at `rate` Hz.
//
// Slope energy over all leads (sum of squared differences, averaged over 100 ms) above 0.3 of its
// 98th percentile, at least 0.3 s apart, higher peaks first; then moved to the largest summed
// magnitude within 60 ms. The energy of the slope over a window of a QRS's width is Pan and
// Tompkins's idea (IEEE Trans. Biomed. Eng. 32, 1985), without their adaptive thresholds.
std::vector<std::size_t> find_beats(std::span<const std::vector<float>> leads, double rate);

constexpr std::size_t median_beat_samples = 100;  // from 0.3 s before the R peak to 0.5 s after it

// One lead's sample-wise median over the beats whose 0.8 s lie inside the window; zeros without
// any.
std::vector<float> median_beat(const std::vector<float>& lead, std::span<const std::size_t> beats,
                               double rate);

// log of the median RR interval (s), log of their standard deviation and of their successive
// differences' root mean square (each + 5 ms), beats per second.
std::array<float, 4> rhythm_numbers(std::span<const std::size_t> beats, double rate,
                                    double seconds);

}  // namespace clef
