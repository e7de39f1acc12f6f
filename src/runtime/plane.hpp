// Scratch memory of the convolutional networks: channels × time.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/kernels.hpp"

namespace clef {

// Rows padded so that kernels need no tail. Grows and never shrinks: what lies behind a row's
// samples is left over from earlier uses and means nothing.
struct Plane {
    std::size_t channels = 0;
    std::size_t samples = 0;
    std::size_t stride = 0;
    std::vector<float> values;

    void resize(std::size_t channel_count, std::size_t sample_count) {
        channels = channel_count;
        samples = sample_count;
        stride = kernels::padded_row(sample_count);
        if (values.size() < channels * stride) values.resize(channels * stride);
    }
    float* row(std::size_t channel) { return values.data() + channel * stride; }
    std::size_t size() const { return channels * stride; }
};

}  // namespace clef
