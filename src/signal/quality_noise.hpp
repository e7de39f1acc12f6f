// The measures of signal quality that look at the lead's frequencies and at its beats. Sources: see
// quality.hpp. Every sample must be a number.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace clef {

// The lead at 125 to 250 Hz (as it is, below that): means of blocks of equally many samples, whose
// first zero is the new rate, so that little of what lies above 85 Hz is taken for the ECG's. All
// that quality needs lies below 40 Hz, and half the samples cost half the time.
struct BlockMeans {
    double rate = 0;
    std::vector<double> values;
};
BlockMeans block_means(std::span<const float> samples, double rate);

struct NoisePowers {
    double noise = std::numeric_limits<double>::quiet_NaN();     // P(15–40 Hz) / P(5–40 Hz)
    double baseline = std::numeric_limits<double>::quiet_NaN();  // P(0–1 Hz) / P(0–40 Hz)
};
// P(a–b): the sum of the periodogram (mean removed, Hann window; scipy.signal.periodogram) at
// a ≤ f < b, as far as the sampling rate goes. NaN where there is no power at all.
NoisePowers noise_powers(const BlockMeans& lead);

struct BeatCorrelation {
    double mean = 0;
    std::size_t compared = 0;  // beats
};
// The beats are found (beats.hpp) and compared on the lead minus its mean over the 0.2 s around
// each sample, which takes baseline and T waves away. Of each beat the 0.15 s on both sides of the
// R peak; its Pearson correlation with the sum of all others; their mean.
BeatCorrelation beat_correlation(const BlockMeans& lead);

}  // namespace clef
