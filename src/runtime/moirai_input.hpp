// What Moirai (encoder/moirai.hpp) does to samples before they are patches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/network.hpp"

namespace clef {

// A window without the samples before the first that any lead has, but for those of its patch: what
// uni2ts marks as padding (model/moirai/forecast.py, past_is_pad), which no token attends to. A
// window of which nothing is observed stays as it is.
class MoiraiInput {
  public:
    MoiraiInput(const NetworkInput& input, std::size_t patch);
    NetworkInput view() const { return {samples_, length_, channels_, observed_}; }

  private:
    std::vector<float> samples_;
    std::vector<std::uint8_t> observed_;
    std::size_t length_;
    std::span<const std::size_t> channels_;
};

// One lead over its own deviation, by its observed samples (uni2ts, PackedStdScaler: a division by
// no samples is one by 1).
void moirai_scale(std::span<const float> samples, std::span<const std::uint8_t> observed,
                  float* scaled);

}  // namespace clef
