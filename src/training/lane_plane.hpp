// How training holds signals: sixteen views side by side, so that a vector instruction works on the
// same channel and time of several views. Every convolution then vectorises whatever its stride,
// kernel or length; nothing is gathered, and no row has a tail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace clef {

constexpr std::size_t lanes = 16;  // views side by side: one vector of AVX-512, two of AVX2

// channels × time × lanes in memory that somebody else owns, with `margin` columns before and
// behind each channel's samples (of zeros, where a convolution reads beyond the ends).
struct LanePlane {
    float* values = nullptr;
    std::size_t channels = 0;
    std::size_t samples = 0;
    std::size_t margin = 0;

    std::size_t row_size() const { return (samples + 2 * margin) * lanes; }
    std::size_t size() const { return channels * row_size(); }
    // The first sample of a channel.
    float* row(std::size_t channel) const { return values + channel * row_size() + margin * lanes; }
};

// A plane with memory of its own, which is kept from one use to the next.
class LaneBuffer {
  public:
    // The samples hold anything, the margins zeros.
    LanePlane& shape(std::size_t channels, std::size_t samples, std::size_t margin = 0) {
        plane_ = {nullptr, channels, samples, margin};
        if (memory_.size() < plane_.size()) memory_.resize(plane_.size());
        plane_.values = memory_.data();
        for (std::size_t c = 0; c < channels && margin > 0; ++c) {
            std::fill_n(plane_.row(c) - margin * lanes, margin * lanes, 0.0F);
            std::fill_n(plane_.row(c) + samples * lanes, margin * lanes, 0.0F);
        }
        return plane_;
    }
    const LanePlane& plane() const { return plane_; }

  private:
    std::vector<float> memory_;
    LanePlane plane_;
};

}  // namespace clef
