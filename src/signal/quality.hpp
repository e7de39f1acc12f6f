// How good a stretch of one lead is: what is missing, flat or saturated, how large it is, how much
// noise lies on it, and one number from 0 (useless) to 1 (clean) to filter by.
//
//   quality = (1 − missing − flat − saturated) · max(0, beat correlation)
//
// flat, saturated: two of the features by which Langley et al. ("An algorithm for assessment of
// quality of ECGs acquired via mobile telephones", Computing in Cardiology 38, 2011) and Clifford
// et al. (below; fSQI) reject recordings; the times and tolerances below are our own choice.
// noise, baseline: 1 − pSQI and 1 − basSQI of Clifford, Behar, Li and Rezek, "Signal quality
// indices and data fusion for determining clinical acceptability of electrocardiograms",
// Physiological Measurement 33, 2012. Told, but not part of `quality`: on hand-held recordings they
// say little about what a reader calls noise (docs/formats.md has the figures).
// beat correlation: how alike the heart beats are, as Orphanidou et al., "Signal-quality indices
// for the electrocardiogram and photoplethysmogram", IEEE J. Biomed. Health Inform. 19, 2015, who
// accept an ECG from a mean correlation of 0.66. Here it is the QRS complex alone that is compared
// (an irregular rhythm is not noise), and each beat with the mean of all others.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace clef {

constexpr double flat_seconds = 1.0;          // shortest flat stretch
constexpr float flat_range_mv = 0.006F;       // one step of a converter with 200 units per mV
constexpr double flat_range_part = 0.001;     // of the window's range, where the unit is not known
constexpr double saturated_seconds = 0.02;    // shortest run at the recording's extreme value,
constexpr std::size_t saturated_samples = 4;  // and no fewer samples than these
constexpr double acceptable_quality = 0.66;   // of an intact window; see above

// One lead over one window. A fraction is of the window's samples; a sample counts as one of
// missing, saturated and flat at most, in this order.
struct LeadQuality {
    std::size_t samples = 0;
    double missing = 0;    // NaN
    double flat = 0;       // in a stretch of flat_seconds or more that changes hardly or not
    double saturated = 0;  // in a run of equal samples at the lowest or highest value of the lead
    // In the samples' unit; NaN where all are missing.
    float lowest = std::numeric_limits<float>::quiet_NaN();
    float highest = std::numeric_limits<float>::quiet_NaN();
    double low = std::numeric_limits<double>::quiet_NaN();       // 0.5 % of the samples lie below
    double high = std::numeric_limits<double>::quiet_NaN();      // 99.5 %
    double noise = std::numeric_limits<double>::quiet_NaN();     // P(15–40 Hz) / P(5–40 Hz)
    double baseline = std::numeric_limits<double>::quiet_NaN();  // P(0–1 Hz) / P(0–40 Hz)
    double beat_correlation = 0;  // −1 to 1; 0 with fewer than two beats
    std::size_t beats = 0;        // that were compared
    double quality = 0;

    // What settle_saturation() needs: samples in runs at the window's own extremes, and those of
    // them that lie in a flat stretch.
    struct Run {
        std::size_t samples = 0;
        std::size_t flat = 0;
    };
    Run at_lowest;
    Run at_highest;
    std::size_t flat_samples = 0;
};

// One window, taken as the whole recording: its rails are its own extreme values. `millivolts`:
// the samples' unit is known. Gaps are bridged by straight lines for noise and beats.
// Time O(n log n).
LeadQuality window_quality(std::span<const float> samples, double rate, bool millivolts);

// Of all windows of one lead of one recording, in any order: only the windows that reach the
// recording's own lowest or highest value can be saturated there. A converter's rails are found
// this way without knowing its range. Sets saturated, flat and quality.
void settle_saturation(std::span<LeadQuality> windows);

}  // namespace clef
