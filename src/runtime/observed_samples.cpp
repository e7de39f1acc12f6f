#include "runtime/observed_samples.hpp"

#include <algorithm>

namespace clef {

ObservedSamples observed_samples(std::span<const float> samples,
                                 std::span<const std::uint8_t> observed) {
    const auto is_observed = [&](std::size_t i) { return observed.empty() || observed[i] != 0; };
    ObservedSamples result;
    double sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (!is_observed(i)) continue;
        result.count += 1;
        sum += samples[i];
    }
    result.mean = sum / std::max(result.count, 1.0);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double distance = samples[i] - result.mean;
        if (is_observed(i)) result.squares += distance * distance;
    }
    return result;
}

}  // namespace clef
