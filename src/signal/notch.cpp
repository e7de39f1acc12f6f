#include "signal/notch.hpp"

#include <cmath>
#include <numbers>

#include "base/error.hpp"

namespace clef {

FilterCoefficients notch_filter(double frequency, double quality, double sampling_rate) {
    if (!(frequency > 0) || !(frequency < sampling_rate / 2)) {
        fail_input("notch at {} Hz: expected between 0 and {} Hz, half the sampling rate",
                   frequency, sampling_rate / 2);
    }
    if (!(quality > 0) || !std::isfinite(quality)) {
        fail_input("notch of quality {}: expected a positive number", quality);
    }
    const double angle = 2 * std::numbers::pi * frequency / sampling_rate;
    const double gain = 1 / (1 + std::tan(angle / quality / 2));
    const double middle = -2 * std::cos(angle);
    return {{gain, gain * middle, gain}, {1, gain * middle, 2 * gain - 1}};
}

}  // namespace clef
