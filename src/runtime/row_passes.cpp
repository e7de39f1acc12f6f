// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/row_passes.cpp"
// The order of these two is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "runtime/row_passes.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/row_layer.hpp"
#include "runtime/row_store-inl.hpp"
#include "runtime/swish-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::rows::HWY_NAMESPACE {

using kernels::HWY_NAMESPACE::SwishOf;

// `store(swish(y), c)` for every vector but of the last columns that are no whole one.
template <class STORE>
HWY_INLINE void GateRow(const Gating& gating, std::size_t t, const STORE& store) {
    const D d;
    const float* gates = gating.gates;
    const float* shortcut = gating.shortcut + t * gating.shortcut_stride;
    float* row = gating.rows + (gating.first + t) * gating.stride;
    float* sums = gating.column_sums;
    const std::size_t channels = gating.channels;
    std::size_t c = 0;
    for (; c + lanes <= channels; c += lanes) {
        const V y =
            hn::MulAdd(hn::LoadU(d, row + c), hn::LoadU(d, gates + c), hn::LoadU(d, shortcut + c));
        hn::StoreU(y, d, row + c);
        if (sums != nullptr) hn::StoreU(hn::Add(hn::LoadU(d, sums + c), y), d, sums + c);
        store(y, c, lanes);
    }
    if (c == channels) return;
    const V y =
        hn::MulAdd(hn::LoadU(d, row + c), hn::LoadU(d, gates + c), hn::LoadU(d, shortcut + c));
    StoreSome(y, row + c, channels - c);
    if (sums != nullptr) StoreSome(hn::Add(hn::LoadU(d, sums + c), y), sums + c, channels - c);
    store(y, c, channels - c);
}

void GateRows(const Gating& g) {
    for (std::size_t t = 0; t < g.instants; ++t) {
        const std::size_t begin = (g.first + t) * g.activated_stride;
        if (g.activated == nullptr) {
            GateRow(g, t, [](V, std::size_t, std::size_t) __attribute__((always_inline)){});
        } else if (g.rounded) {
            auto* to = static_cast<std::uint16_t*>(g.activated) + begin;
            GateRow(
                g, t, [to](V y, std::size_t c, std::size_t count) __attribute__((always_inline)) {
                    StoreSome(SwishOf(y), to + c, count);
                });
        } else {
            auto* to = static_cast<float*>(g.activated) + begin;
            GateRow(
                g, t, [to](V y, std::size_t c, std::size_t count) __attribute__((always_inline)) {
                    StoreSome(SwishOf(y), to + c, count);
                });
        }
    }
}

// to = the larger of both, `count` numbers.
void LargerOf(const float* a, const float* b, float* to, std::size_t count) {
    const D d;
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        hn::StoreU(hn::Max(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, to + i);
    }
    for (; i < count; ++i) to[i] = std::max(a[i], b[i]);
}

void Sigmoid(float* x, std::size_t count) {
    const D d;
    for (std::size_t i = 0; i < count; i += lanes) {
        hn::StoreU(kernels::HWY_NAMESPACE::SigmoidOf(hn::LoadU(d, x + i)), d, x + i);
    }
}

void RoundRows(const float* input, std::uint16_t* output, std::size_t count) {
    const D d;
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) StoreSome(hn::LoadU(d, input + i), output + i, lanes);
    for (; i < count; ++i) output[i] = to_bfloat16(input[i]);
}

struct Range {
    float low;
    float high;
};

Range RangeOf(const float* x, std::size_t count) {
    const D d;
    V low = hn::Zero(d);
    V high = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const V v = hn::LoadU(d, x + i);
        low = hn::Min(low, v);
        high = hn::Max(high, v);
    }
    Range range{hn::GetLane(hn::MinOfLanes(d, low)), hn::GetLane(hn::MaxOfLanes(d, high))};
    for (; i < count; ++i) {
        range.low = std::min(range.low, x[i]);
        range.high = std::max(range.high, x[i]);
    }
    return range;
}

// Every column's range joined with what is there.
void JoinRanges(const float* x, float* low, float* high, std::size_t count) {
    const D d;
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const V v = hn::LoadU(d, x + i);
        hn::StoreU(hn::Min(hn::LoadU(d, low + i), v), d, low + i);
        hn::StoreU(hn::Max(hn::LoadU(d, high + i), v), d, high + i);
    }
    for (; i < count; ++i) {
        low[i] = std::min(low[i], x[i]);
        high[i] = std::max(high[i], x[i]);
    }
}

HWY_INLINE void StoreBytes(V x, V factor, V zero, std::uint8_t* to) {
    const hn::RebindToSigned<D> di;
    const hn::Rebind<std::uint8_t, D> bytes;
    // Both are whole numbers, so that their sum is exact.
    const V rounded = hn::Add(hn::Round(hn::Mul(x, factor)), zero);
    hn::StoreU(hn::DemoteTo(bytes, hn::ConvertTo(di, rounded)), bytes, to);
}

// One factor and zero for all of the row.
void RowToBytes(const float* x, float factor, float zero, std::uint8_t* to, std::size_t count) {
    const D d;
    const V factors = hn::Set(d, factor);
    const V zeros = hn::Set(d, zero);
    // Whole vectors: rows have room behind their channels.
    for (std::size_t i = 0; i < count; i += lanes) {
        StoreBytes(hn::LoadU(d, x + i), factors, zeros, to + i);
    }
}

// A factor and a zero for each column.
void ColumnsToBytes(const float* x, const float* factors, const float* zeros, std::uint8_t* to,
                    std::size_t count) {
    const D d;
    for (std::size_t i = 0; i < count; i += lanes) {
        StoreBytes(hn::LoadU(d, x + i), hn::LoadU(d, factors + i), hn::LoadU(d, zeros + i), to + i);
    }
}

struct ByteScale {
    float scale;
    float factor;
    float zero;
};

ByteScale ScaleOf(float low, float high) {
    float range = high - low;
    if (range == 0) range = 1;
    const float factor = 255 / range;
    return {range / 255, factor, std::nearbyint(-low * factor)};
}

void PoolRows(const Rows<float>& input, std::size_t stride, std::size_t left, std::size_t first_row,
              Rows<float>& output) {
    const std::size_t channels = input.channels;
    const std::size_t first = (output.channels - channels) / 2;
    const std::size_t behind = output.channels - channels - first;
    for (std::size_t t = 0; t < output.instants; ++t) {
        float* row = output.row(t);
        float* to = row + first;
        std::fill_n(row, first, 0.0F);
        std::fill_n(to + channels, behind, 0.0F);
        const std::size_t begin = (first_row + t) * stride;
        if (begin < left || begin + stride > input.instants + left) {  // padding takes part
            std::fill_n(to, channels, 0.0F);
            for (std::size_t i = begin; i < begin + stride; ++i) {
                if (i < left || i - left >= input.instants) continue;
                LargerOf(to, input.row(i - left), to, channels);
            }
            continue;
        }
        const float* from = input.row(begin - left);
        if (stride == 1) std::copy_n(from, channels, to);
        for (std::size_t i = 1; i < stride; ++i) {
            LargerOf(i == 1 ? from : to, from + i * input.stride, to, channels);
        }
    }
}

void RowsToBytes(const Rows<float>& input, Rows<std::uint8_t>& output, float* scales,
                 std::int32_t* zeros) {
    output.resize(input.instants, input.channels);
    for (std::size_t t = 0; t < input.instants; ++t) {
        const Range range = RangeOf(input.row(t), input.channels);
        const ByteScale scale = ScaleOf(range.low, range.high);
        scales[t] = scale.scale;
        zeros[t] = static_cast<std::int32_t>(scale.zero);
        RowToBytes(input.row(t), scale.factor, scale.zero, output.row(t), input.channels);
    }
}

void GroupsToBytes(const Rows<float>& input, std::size_t groups, Rows<std::uint8_t>& output,
                   std::size_t padding_behind, float* scales, std::int32_t* zeros,
                   Lines<float>& scratch) {
    const std::size_t channels = input.channels;
    const std::size_t room = channels + panel_lanes;
    scratch.resize(std::max(scratch.size(), 2 * room));
    float* low = scratch.data();
    float* high = low + room;
    std::fill_n(low, 2 * room, 0.0F);
    for (std::size_t t = 0; t < input.instants; ++t) JoinRanges(input.row(t), low, high, channels);
    const std::size_t width = channels / groups;
    for (std::size_t group = 0; group < groups; ++group) {
        float* first = low + group * width;
        float* second = high + group * width;
        const ByteScale scale = ScaleOf(*std::min_element(first, first + width),
                                        *std::max_element(second, second + width));
        scales[group] = scale.scale;
        zeros[group] = static_cast<std::int32_t>(scale.zero);
        // From here on: each column's factor and zero.
        std::fill_n(first, width, scale.factor);
        std::fill_n(second, width, scale.zero);
    }
    for (std::size_t t = 0; t < input.instants; ++t) {
        ColumnsToBytes(input.row(t), low, high, output.row(t), channels);
    }
    const auto pad = [&](std::uint8_t* row) {
        for (std::size_t c = 0; c < channels; ++c) row[c] = static_cast<std::uint8_t>(high[c]);
    };
    for (std::size_t i = 0; i < output.before; ++i) pad(output.values.data() + i * output.stride);
    for (std::size_t i = 0; i < padding_behind; ++i) pad(output.row(output.instants + i));
}

}  // namespace clef::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef::rows {

HWY_EXPORT(GateRows);
HWY_EXPORT(PoolRows);
HWY_EXPORT(Sigmoid);
HWY_EXPORT(RoundRows);
HWY_EXPORT(RowsToBytes);
HWY_EXPORT(GroupsToBytes);

void gate_rows(const Gating& gating) {
    HWY_DYNAMIC_DISPATCH(GateRows)(gating);
}

void pool_rows(const Rows<float>& input, std::size_t stride, std::size_t left, std::size_t first,
               Rows<float>& output) {
    HWY_DYNAMIC_DISPATCH(PoolRows)(input, stride, left, first, output);
}

void sigmoid(float* x, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(Sigmoid)(x, count);
}

void round_rows(const float* input, std::uint16_t* output, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(RoundRows)(input, output, count);
}

void rows_to_bytes(const Rows<float>& input, Rows<std::uint8_t>& output, float* scales,
                   std::int32_t* zeros) {
    HWY_DYNAMIC_DISPATCH(RowsToBytes)(input, output, scales, zeros);
}

void groups_to_bytes(const Rows<float>& input, std::size_t groups, Rows<std::uint8_t>& output,
                     std::size_t padding_behind, float* scales, std::int32_t* zeros,
                     Lines<float>& scratch) {
    HWY_DYNAMIC_DISPATCH(GroupsToBytes)
    (input, groups, output, padding_behind, scales, zeros, scratch);
}

}  // namespace clef::rows

#endif  // HWY_ONCE
