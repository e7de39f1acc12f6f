#include "signal/normalise.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "signal/lead_arithmetic.hpp"

namespace clef {

namespace {

// The first position from `start` on whose sample is (not) NaN, or the size.
std::size_t next_where(std::span<const float> samples, std::size_t start, bool missing) {
    while (start < samples.size() && std::isnan(samples[start]) != missing) ++start;
    return start;
}

}  // namespace

void z_score(std::span<float> samples, double epsilon) {
    const Moments moments = moments_of(samples);
    centre_and_scale(samples, moments.mean, 1 / (moments.deviation + epsilon));
}

bool interpolate_missing(std::span<float> samples) {
    const std::size_t first = next_where(samples, 0, false);
    if (first == samples.size()) return samples.empty();
    std::fill_n(samples.begin(), first, samples[first]);
    std::size_t gap = next_where(samples, first, true);
    while (gap < samples.size()) {
        const std::size_t after = next_where(samples, gap, false);
        const double left = samples[gap - 1];
        if (after == samples.size()) {
            std::fill(samples.begin() + static_cast<std::ptrdiff_t>(gap), samples.end(),
                      samples[gap - 1]);
            return true;
        }
        const double slope = (samples[after] - left) / static_cast<double>(after - gap + 1);
        for (std::size_t i = gap; i < after; ++i) {
            samples[i] = static_cast<float>(left + slope * static_cast<double>(i - gap + 1));
        }
        gap = next_where(samples, after, true);
    }
    return true;
}

bool zero_missing(std::span<float> samples) {
    if (next_where(samples, 0, false) == samples.size()) return samples.empty();
    for (float& sample : samples) {
        if (std::isnan(sample)) sample = 0;
    }
    return true;
}

}  // namespace clef
