// An ECG on the standard grid as inline SVG: 25 mm per second, 10 mm per millivolt, fine lines
// every millimetre and coarse ones every five, with a calibration pulse (1 mV high, 0.2 s wide) and
// the lead's name. The viewBox is in millimetres, so the drawing is to scale when printed at its
// width. Missing samples (NaN) are gaps. Excursions beyond ±5 mV are cut off. Pure.
//
// Grid and calibration: Kligfield et al., "Recommendations for the standardization and
// interpretation of the electrocardiogram, part I", Circulation 115 (2007).
#pragma once

#include <span>
#include <string>
#include <vector>

namespace clef {

struct EcgTrace {
    std::string name;            // "II"
    std::vector<float> samples;  // mV
};

enum class EcgLayout {
    stacked,        // every lead below the last, its whole length
    four_by_three,  // twelve leads in four columns of a quarter of the time each
};

struct EcgStripOptions {
    std::string title = "ECG";
    EcgLayout layout = EcgLayout::stacked;
    double seconds = 10;  // at most; the beginning of the recording
    // False: amplitudes are relative (normalised data): no calibration pulse, no mV.
    bool in_millivolts = true;
};

// All traces have the same sampling rate (Hz). An InputError for none, for one without samples, for
// a rate that is not positive, or for four_by_three with other than twelve traces.
std::string ecg_strip(const std::vector<EcgTrace>& traces, double sampling_rate,
                      const EcgStripOptions& options = {});

// The path of samples at `sampling_rate`, with sample 0 at x (mm) and 0 mV at baseline (mm): at
// most the lowest and the highest sample of every quarter millimetre.
std::string ecg_path(std::span<const float> samples, double sampling_rate, double x,
                     double baseline);

}  // namespace clef
