// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels.cpp"
// The order of these three is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "runtime/kernels.hpp"

#include <algorithm>

#ifndef CLEF_CONVOLVE_GROUP
#define CLEF_CONVOLVE_GROUP
namespace clef::kernels {
namespace {

// What the kernel needs of one group of one layer. rows: for every (input channel, tap) of the
// group, where its first sample lies.
struct ConvolveGroup {
    const float* weights;
    const float* bias;
    const float* const* rows;
    std::size_t taps;
    std::size_t samples;
    float* output;
    std::size_t output_stride;
    std::size_t outputs;
};

}  // namespace
}  // namespace clef::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clef::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// A tile: four output channels × VECTORS vectors of time stay in registers while all inputs stream
// by. 4 × 3 sums, 3 inputs and a weight are what 16 registers hold; it takes 8 sums to keep two
// multiply–adds of latency 4 busy.
template <std::size_t VECTORS>
HWY_INLINE void ConvolveTile(const ConvolveGroup& group, std::size_t block, std::size_t t) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const float* HWY_RESTRICT weights = group.weights + block * group.taps * rows_at_once;
    const float* const* HWY_RESTRICT rows = group.rows;
    V sums[rows_at_once][VECTORS];
    for (std::size_t o = 0; o < rows_at_once; ++o) {
        for (std::size_t v = 0; v < VECTORS; ++v) {
            sums[o][v] = hn::Set(d, group.bias[block * rows_at_once + o]);
        }
    }
    for (std::size_t r = 0; r < group.taps; ++r, weights += rows_at_once) {
        const float* HWY_RESTRICT row = rows[r] + t;
        V x[VECTORS];
        for (std::size_t v = 0; v < VECTORS; ++v) x[v] = hn::LoadU(d, row + v * lanes);
        for (std::size_t o = 0; o < rows_at_once; ++o) {
            const V w = hn::Set(d, weights[o]);
            for (std::size_t v = 0; v < VECTORS; ++v) sums[o][v] = hn::MulAdd(w, x[v], sums[o][v]);
        }
    }
    const std::size_t count = std::min(rows_at_once, group.outputs - block * rows_at_once);
    float* output = group.output + block * rows_at_once * group.output_stride + t;
    for (std::size_t o = 0; o < count; ++o, output += group.output_stride) {
        for (std::size_t v = 0; v < VECTORS; ++v) {
            hn::StoreU(sums[o][v], d, output + v * lanes);
        }
    }
}

// Threes of vectors; a last four as two twos, because a single one would wait for its own sums.
std::size_t VectorsOfTile(std::size_t left) {
    return left >= 5 || left == 3 ? 3 : left == 4 ? 2 : left;
}

// Weights that the second cache holds are read for every tile, whose inputs the first one holds;
// larger ones once for as many tiles as leave their inputs in the second.
void ConvolveOf(const ConvolveGroup& group) {
    const std::size_t lanes = hn::Lanes(D());
    const std::size_t vectors = (group.samples + lanes - 1) / lanes;
    const std::size_t blocks = (group.outputs + rows_at_once - 1) / rows_at_once;
    constexpr std::size_t weights_at_most = 1 << 16;  // floats: 256 KiB
    constexpr std::size_t inputs_at_most = 1 << 15;   // floats: 128 KiB
    const bool small = blocks * rows_at_once * group.taps <= weights_at_most;
    const std::size_t span =
        small ? 3 : std::max<std::size_t>(3, inputs_at_most / (group.taps * lanes) / 3 * 3);
    for (std::size_t begin = 0; begin < vectors;) {
        // A whole number of threes, unless it is the last.
        const std::size_t end = vectors - begin < span + 3 ? vectors : begin + span;
        for (std::size_t block = 0; block < blocks; ++block) {
            for (std::size_t v = begin; v < end;) {
                const std::size_t count = VectorsOfTile(end - v);
                if (count == 3) ConvolveTile<3>(group, block, v * lanes);
                if (count == 2) ConvolveTile<2>(group, block, v * lanes);
                if (count == 1) ConvolveTile<1>(group, block, v * lanes);
                v += count;
            }
        }
        begin = end;
    }
}

double Sum(const float* input, std::size_t samples) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    double total = 0;
    for (std::size_t begin = 0; begin < samples; begin += 1024) {
        const std::size_t end = std::min<std::size_t>(samples, begin + 1024);
        V sums[2] = {hn::Zero(d), hn::Zero(d)};
        std::size_t i = begin;
        for (; i + 2 * lanes <= end; i += 2 * lanes) {
            sums[0] = hn::Add(sums[0], hn::LoadU(d, input + i));
            sums[1] = hn::Add(sums[1], hn::LoadU(d, input + i + lanes));
        }
        total += hn::GetLane(hn::SumOfLanes(d, hn::Add(sums[0], sums[1])));
        for (; i < end; ++i) total += input[i];
    }
    return total;
}

// even[i] = input[2i], odd[i] = input[2i + 1]
void SplitPairs(const float* input, float* even, float* odd, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        V first = hn::Zero(d);
        V second = hn::Zero(d);
        hn::LoadInterleaved2(d, input + 2 * i, first, second);
        hn::StoreU(first, d, even + i);
        hn::StoreU(second, d, odd + i);
    }
    for (; i < count; ++i) {
        even[i] = input[2 * i];
        odd[i] = input[2 * i + 1];
    }
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cstdint>
#include <string_view>

#include "encoder/net1d.hpp"

namespace clef::kernels {

HWY_EXPORT(ConvolveOf);
HWY_EXPORT(Sum);
HWY_EXPORT(SplitPairs);

PackedConvolution pack(const float* weight, const float* bias, std::size_t out, std::size_t in,
                       std::size_t groups, std::size_t kernel, std::size_t stride) {
    PackedConvolution layer{in, out, groups, kernel, stride, {}, {}};
    const std::size_t out_of_group = out / groups;
    const std::size_t in_of_group = in / groups;
    const std::size_t blocks = (out_of_group + rows_at_once - 1) / rows_at_once;
    const std::size_t taps = in_of_group * kernel;
    layer.weights.assign(groups * blocks * taps * rows_at_once, 0.0F);
    layer.bias.assign(groups * blocks * rows_at_once, 0.0F);
    for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t o = 0; o < out_of_group; ++o) {
            const std::size_t block = group * blocks + o / rows_at_once;
            const std::size_t channel = group * out_of_group + o;
            layer.bias[block * rows_at_once + o % rows_at_once] = bias[channel];
            for (std::size_t tap = 0; tap < taps; ++tap) {
                layer.weights[(block * taps + tap) * rows_at_once + o % rows_at_once] =
                    weight[channel * taps + tap];
            }
        }
    }
    return layer;
}

std::size_t phase_stride(const PackedConvolution& layer, std::size_t output_samples) {
    return padded_row(output_samples) + padded_row(layer.kernel / layer.stride + 1);
}

void split_phases(const PackedConvolution& layer, const float* input, std::size_t input_samples,
                  std::size_t input_stride, float* phases, std::size_t output_samples) {
    split_phases(layer, input, input_samples, input_stride, phases, output_samples,
                 same_padding(input_samples, layer.kernel, layer.stride).left);
}

void split_phases(const PackedConvolution& layer, const float* input, std::size_t input_samples,
                  std::size_t input_stride, float* phases, std::size_t output_samples,
                  std::size_t left) {
    const std::size_t row = phase_stride(layer, output_samples);
    const std::size_t stride = layer.stride;
    for (std::size_t channel = 0; channel < layer.in_channels; ++channel) {
        const float* source = input + channel * input_stride;
        for (std::size_t phase = 0; phase < stride; ++phase) {
            // Samples i·stride + phase − left that lie inside the input; zeros around them.
            float* target = phases + phase * row;
            const std::size_t first = left > phase ? (left - phase + stride - 1) / stride : 0;
            const std::size_t end =
                std::min(row, (input_samples + left - phase + stride - 1) / stride);
            std::fill(target, target + std::min(first, row), 0.0F);
            std::fill(target + end, target + row, 0.0F);
            if (stride == 2) continue;
            for (std::size_t i = first; i < end; ++i) {
                target[i] = source[i * stride + phase - left];
            }
        }
        if (stride == 2) {
            // Samples of even index belong to phase left % 2, the others to the other one.
            float* even = phases + left % 2 * row + left / 2;
            float* odd = phases + (left + 1) % 2 * row + (left + 1) / 2;
            HWY_DYNAMIC_DISPATCH(SplitPairs)(source, even, odd, input_samples / 2);
            if (input_samples % 2 == 1) even[input_samples / 2] = source[input_samples - 1];
        }
        phases += stride * row;
    }
}

void convolve(const PackedConvolution& layer, const float* phases, std::size_t phase_row,
              float* output, std::size_t output_samples, std::size_t output_stride) {
    const std::size_t in_of_group = layer.in_channels / layer.groups;
    const std::size_t out_of_group = layer.out_channels / layer.groups;
    const std::size_t blocks = (out_of_group + rows_at_once - 1) / rows_at_once;
    const std::size_t taps = in_of_group * layer.kernel;
    thread_local std::vector<const float*> rows;
    rows.resize(taps);
    for (std::size_t group = 0; group < layer.groups; ++group) {
        for (std::size_t tap = 0; tap < taps; ++tap) {
            const std::size_t channel = group * in_of_group + tap / layer.kernel;
            const std::size_t offset = tap % layer.kernel;
            rows[tap] = phases + (channel * layer.stride + offset % layer.stride) * phase_row +
                        offset / layer.stride;
        }
        const std::size_t packed = group * blocks * rows_at_once;
        HWY_DYNAMIC_DISPATCH(ConvolveOf)
        ({layer.weights.data() + packed * taps, layer.bias.data() + packed, rows.data(), taps,
          output_samples, output + group * out_of_group * output_stride, output_stride,
          out_of_group});
    }
}

float mean(const float* input, std::size_t samples) {
    const double sum = HWY_DYNAMIC_DISPATCH(Sum)(input, samples);
    return static_cast<float>(sum / static_cast<double>(samples));
}

}  // namespace clef::kernels

#endif  // HWY_ONCE
