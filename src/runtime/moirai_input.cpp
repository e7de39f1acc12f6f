#include "runtime/moirai_input.hpp"

#include <algorithm>
#include <cmath>

#include "encoder/moirai.hpp"
#include "runtime/observed_samples.hpp"

namespace clef {

namespace {

std::size_t first_observed(const NetworkInput& input) {
    std::size_t first = input.length;
    for (std::size_t lead = 0; lead < input.channels.size(); ++lead) {
        const auto marks = input.observed.subspan(lead * input.length, input.length);
        const auto found =
            std::find_if(marks.begin(), marks.end(), [](auto one) { return one != 0; });
        first = std::min(first, static_cast<std::size_t>(found - marks.begin()));
    }
    return first == input.length ? 0 : first;
}

}  // namespace

MoiraiInput::MoiraiInput(const NetworkInput& input, std::size_t patch) : channels_(input.channels) {
    const std::size_t patches = (input.length - first_observed(input) + patch - 1) / patch;
    length_ = std::min(input.length, patches * patch);
    for (std::size_t lead = 0; lead < channels_.size(); ++lead) {
        const std::size_t begin = (lead + 1) * input.length - length_;
        const auto samples = input.samples.subspan(begin, length_);
        const auto marks = input.observed.subspan(begin, length_);
        samples_.insert(samples_.end(), samples.begin(), samples.end());
        observed_.insert(observed_.end(), marks.begin(), marks.end());
    }
}

void moirai_scale(std::span<const float> samples, std::span<const std::uint8_t> observed,
                  float* scaled) {
    const ObservedSamples found = observed_samples(samples, observed);
    const double variance = found.squares / std::max(found.count - 1, 1.0);
    const double deviation = std::sqrt(variance + moirai_minimum_variance);
    std::transform(samples.begin(), samples.end(), scaled, [&](float sample) {
        return static_cast<float>((sample - found.mean) / deviation);
    });
}

}  // namespace clef
