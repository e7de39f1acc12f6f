// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels.cpp"
// The order of these three is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "runtime/kernels.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace clef::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Four output channels × two vectors of time stay in registers while all inputs stream by.
void ConvolveBlock(const float* weights, const float* bias, const float* const* rows,
                   std::size_t row_count, std::size_t t, float* const* outputs,
                   std::size_t output_count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V sums[4][2];
    for (std::size_t o = 0; o < 4; ++o) sums[o][0] = sums[o][1] = hn::Set(d, bias[o]);
    for (std::size_t r = 0; r < row_count; ++r, weights += 4) {
        const V x0 = hn::LoadU(d, rows[r] + t);
        const V x1 = hn::LoadU(d, rows[r] + t + lanes);
        for (std::size_t o = 0; o < 4; ++o) {
            const V w = hn::Set(d, weights[o]);
            sums[o][0] = hn::MulAdd(w, x0, sums[o][0]);
            sums[o][1] = hn::MulAdd(w, x1, sums[o][1]);
        }
    }
    for (std::size_t o = 0; o < output_count; ++o) {
        hn::StoreU(sums[o][0], d, outputs[o] + t);
        hn::StoreU(sums[o][1], d, outputs[o] + t + lanes);
    }
}

// rows: for every (input channel, tap) of the group, where its first sample lies.
void Convolve(const float* weights, const float* bias, const float* const* rows,
              std::size_t row_count, std::size_t samples, float* const* outputs,
              std::size_t output_count) {
    const std::size_t step = 2 * hn::Lanes(D());
    for (std::size_t t = 0; t < samples; t += step) {
        ConvolveBlock(weights, bias, rows, row_count, t, outputs, output_count);
    }
}

void Swish(const float* input, float* output, std::size_t count) {
    const D d;
    const V one = hn::Set(d, 1.0F);
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
        const V x = hn::LoadU(d, input + i);
        // Beyond ±87 the exponential leaves float32. Above, the divisor is 1 whatever the bound;
        // below, swish lies within 2e-36 of zero, and x over the bounded divisor would grow with x.
        const V bounded = hn::Min(hn::Max(hn::Neg(x), hn::Set(d, -87.0F)), hn::Set(d, 87.0F));
        const V quotient = hn::Div(x, hn::Add(one, hn::Exp(d, bounded)));
        const auto vanishes = hn::Lt(x, hn::Set(d, -87.0F));
        hn::StoreU(hn::IfThenElse(vanishes, hn::Set(d, -0.0F), quotient), d, output + i);
    }
}

void ScaleAndAdd(float* row, float scale, const float* shortcut, std::size_t count) {
    const D d;
    const V factor = hn::Set(d, scale);
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
        const V x = hn::LoadU(d, row + i);
        const V y = shortcut == nullptr ? hn::Mul(x, factor)
                                        : hn::MulAdd(x, factor, hn::LoadU(d, shortcut + i));
        hn::StoreU(y, d, row + i);
    }
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cstdint>
#include <string_view>

#include "encoder/net1d.hpp"

namespace clef::kernels {

HWY_EXPORT(Convolve);
HWY_EXPORT(Swish);
HWY_EXPORT(ScaleAndAdd);

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
    for (std::size_t channel = 0; channel < layer.in_channels; ++channel) {
        const float* source = input + channel * input_stride;
        for (std::size_t phase = 0; phase < layer.stride; ++phase, phases += row) {
            std::fill_n(phases, row, 0.0F);
            // Samples i·stride + phase − left that lie inside the input.
            const std::size_t first =
                left > phase ? (left - phase + layer.stride - 1) / layer.stride : 0;
            const std::size_t end =
                std::min(row, (input_samples + left - phase + layer.stride - 1) / layer.stride);
            for (std::size_t i = first; i < end; ++i) {
                phases[i] = source[i * layer.stride + phase - left];
            }
        }
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
        for (std::size_t block = 0; block < blocks; ++block) {
            const std::size_t first = block * rows_at_once;
            const std::size_t count = std::min(rows_at_once, out_of_group - first);
            float* outputs[rows_at_once] = {};
            for (std::size_t o = 0; o < count; ++o) {
                outputs[o] = output + (group * out_of_group + first + o) * output_stride;
            }
            const std::size_t packed = group * blocks + block;
            HWY_DYNAMIC_DISPATCH(Convolve)
            (layer.weights.data() + packed * taps * rows_at_once,
             layer.bias.data() + packed * rows_at_once, rows.data(), taps, output_samples, outputs,
             count);
        }
    }
}

void swish(const float* input, float* output, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(Swish)(input, output, count);
}

float mean(const float* input, std::size_t samples) {
    double sum = 0;
    for (std::size_t i = 0; i < samples; ++i) sum += input[i];
    return static_cast<float>(sum / static_cast<double>(samples));
}

void scale_and_add(float* row, float scale, const float* shortcut, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(ScaleAndAdd)(row, scale, shortcut, count);
}

}  // namespace clef::kernels

#endif  // HWY_ONCE
