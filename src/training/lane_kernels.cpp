// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/lane_kernels.cpp"
// The order of these three is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "training/lane_kernels.hpp"

#include <algorithm>

#include "training/lane_plane.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::lane_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, lanes>;
using V = hn::Vec<D>;

// Sums that stay in registers while the rows stream by: 8 × 3 of the 32 registers of AVX-512, 4 × 3
// of the 16 of the others (three vectors of a row and one weight take the rest).
constexpr std::size_t tile_vectors = 3;
constexpr std::size_t tile_outputs = HWY_MAX_BYTES >= 64 ? outputs_at_once : outputs_at_once / 2;

// Where vector number v of a row lies, the times being `step` floats apart.
HWY_INLINE std::size_t Place(std::size_t v, std::size_t step) {
    const std::size_t vectors = lanes / hn::Lanes(D());
    return v / vectors * step + v % vectors * hn::Lanes(D());
}

struct SwishAndSlope {
    V value;
    V slope;
};

HWY_INLINE V Sigmoid(V x) {
    const D d;
    const V one = hn::Set(d, 1.0F);
    // Beyond ±87 the exponential leaves float32; sigmoid is within 2e-38 of 0 or 1 there.
    const V bounded = hn::Min(hn::Max(hn::Neg(x), hn::Set(d, -87.0F)), hn::Set(d, 87.0F));
    return hn::Div(one, hn::Add(one, hn::Exp(d, bounded)));
}

HWY_INLINE SwishAndSlope Swished(V x) {
    const V sigma = Sigmoid(x);
    const V value = hn::Mul(x, sigma);
    // σ + x σ (1 − σ)
    return {value, hn::NegMulAdd(value, sigma, hn::Add(sigma, value))};
}

HWY_INLINE void Store(const Combination& work, std::size_t o, std::size_t place, V sum) {
    const D d;
    if (work.finish == Finish::times_slope) {
        sum = hn::Mul(sum, hn::LoadU(d, work.slopes[o] + place));
    } else if (work.finish == Finish::swish) {
        const SwishAndSlope swished = Swished(sum);
        sum = swished.value;
        hn::StoreU(swished.slope, d, work.slopes[o] + place);
    }
    hn::StoreU(sum, d, work.outputs[o] + place);
}

// The outputs from `first` on (at most tile_outputs) at `Count` vectors from v on.
template <std::size_t Count>
HWY_INLINE void CombineTile(const Combination& work, std::size_t first, std::size_t v) {
    const D d;
    const std::size_t block = first / outputs_at_once;
    const float* weights =
        work.weights + block * work.row_count * outputs_at_once + first % outputs_at_once;
    V sums[tile_outputs][Count];
    for (std::size_t o = 0; o < tile_outputs; ++o) {
        const V bias = work.bias == nullptr ? hn::Zero(d) : hn::Set(d, work.bias[first + o]);
        for (std::size_t j = 0; j < Count; ++j) sums[o][j] = bias;
    }
    std::size_t places[Count];
    for (std::size_t j = 0; j < Count; ++j) places[j] = Place(v + j, work.row_step);
    for (std::size_t r = 0; r < work.row_count; ++r, weights += outputs_at_once) {
        const float* row = work.rows[r];
        V x[Count];
        for (std::size_t j = 0; j < Count; ++j) x[j] = hn::LoadU(d, row + places[j]);
        for (std::size_t o = 0; o < tile_outputs; ++o) {
            const V weight = hn::Set(d, weights[o]);
            for (std::size_t j = 0; j < Count; ++j)
                sums[o][j] = hn::MulAdd(weight, x[j], sums[o][j]);
        }
    }
    for (std::size_t o = 0; o < tile_outputs; ++o) {
        if (first + o >= work.output_count) break;
        for (std::size_t j = 0; j < Count; ++j)
            Store(work, first + o, Place(v + j, work.output_step), sums[o][j]);
    }
}

void Combine(const Combination& work) {
    const std::size_t vectors = work.columns * (lanes / hn::Lanes(D()));
    // So many vectors of all rows as half of a small second-level cache holds: each block of
    // weights is used for all of them before the next.
    const std::size_t row_bytes = work.row_count * hn::Lanes(D()) * sizeof(float);
    const std::size_t chunk =
        std::max<std::size_t>(1, (std::size_t{1} << 17) / (row_bytes * tile_vectors + 1)) *
        tile_vectors;
    for (std::size_t begin = 0; begin < vectors; begin += chunk) {
        const std::size_t end = std::min(vectors, begin + chunk);
        for (std::size_t first = 0; first < work.output_count; first += tile_outputs) {
            std::size_t v = begin;
            for (; v + tile_vectors <= end; v += tile_vectors)
                CombineTile<tile_vectors>(work, first, v);
            for (; v < end; ++v) CombineTile<1>(work, first, v);
        }
    }
}

template <std::size_t Left, std::size_t Right>
HWY_INLINE void ProductTile(const Products& work, std::size_t first_left, std::size_t first_right,
                            std::size_t begin, std::size_t end) {
    const D d;
    const std::size_t step = hn::Lanes(d);
    V sums[Left][Right];
    for (auto& row : sums) {
        for (V& sum : row) sum = hn::Zero(d);
    }
    for (std::size_t t = begin; t < end; ++t) {
        for (std::size_t lane = 0; lane < lanes; lane += step) {
            V right[Right];
            for (std::size_t r = 0; r < Right; ++r) {
                right[r] = hn::LoadU(d, work.right[first_right + r] + t * work.right_step + lane);
            }
            for (std::size_t l = 0; l < Left; ++l) {
                const V left = hn::LoadU(d, work.left[first_left + l] + t * lanes + lane);
                for (std::size_t r = 0; r < Right; ++r)
                    sums[l][r] = hn::MulAdd(left, right[r], sums[l][r]);
            }
        }
    }
    for (std::size_t l = 0; l < Left; ++l) {
        float* out = work.sums + (first_left + l) * work.sums_stride + first_right;
        for (std::size_t r = 0; r < Right; ++r)
            out[r] += hn::GetLane(hn::SumOfLanes(d, sums[l][r]));
    }
}

template <std::size_t Left>
HWY_INLINE void ProductStripe(const Products& work, std::size_t first_left, std::size_t begin,
                              std::size_t end) {
    std::size_t r = 0;
    for (; r + tile_vectors <= work.right_count; r += tile_vectors)
        ProductTile<Left, tile_vectors>(work, first_left, r, begin, end);
    for (; r < work.right_count; ++r) ProductTile<Left, 1>(work, first_left, r, begin, end);
}

void AddProducts(const Products& work) {
    constexpr std::size_t chunk = 96;  // times: 6 KB of a row, so that some dozens stay in L2
    for (std::size_t begin = 0; begin < work.columns; begin += chunk) {
        const std::size_t end = std::min(work.columns, begin + chunk);
        std::size_t l = 0;
        for (; l + tile_outputs <= work.left_count; l += tile_outputs)
            ProductStripe<tile_outputs>(work, l, begin, end);
        for (; l < work.left_count; ++l) ProductStripe<1>(work, l, begin, end);
    }
}

float RowSum(const float* row, std::size_t columns) {
    const D d;
    V sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    const std::size_t step = hn::Lanes(d);
    std::size_t turn = 0;
    for (std::size_t i = 0; i < columns * lanes; i += step, ++turn)
        sums[turn % 4] = hn::Add(sums[turn % 4], hn::LoadU(d, row + i));
    return hn::GetLane(
        hn::SumOfLanes(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
}

void Swish(const float* x, float* output, float* slope, std::size_t columns) {
    const D d;
    for (std::size_t i = 0; i < columns * lanes; i += hn::Lanes(d)) {
        const SwishAndSlope swished = Swished(hn::LoadU(d, x + i));
        hn::StoreU(swished.value, d, output + i);
        hn::StoreU(swished.slope, d, slope + i);
    }
}

void SigmoidOf(const float* x, float* output, std::size_t columns) {
    const D d;
    for (std::size_t i = 0; i < columns * lanes; i += hn::Lanes(d))
        hn::StoreU(Sigmoid(hn::LoadU(d, x + i)), d, output + i);
}

void ColumnSum(const float* x, std::size_t columns, float scale, float* sum) {
    const D d;
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
        V total = hn::Zero(d);
        for (std::size_t t = 0; t < columns; ++t)
            total = hn::Add(total, hn::LoadU(d, x + t * lanes + lane));
        hn::StoreU(hn::Mul(total, hn::Set(d, scale)), d, sum + lane);
    }
}

void ColumnProduct(const float* x, const float* y, std::size_t columns, float* sum) {
    const D d;
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
        V total = hn::Zero(d);
        for (std::size_t t = 0; t < columns; ++t) {
            const std::size_t i = t * lanes + lane;
            total = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), total);
        }
        hn::StoreU(total, d, sum + lane);
    }
}

void ScaleAndAdd(const float* x, const float* scale, const float* addend, const float* offset,
                 float* output, std::size_t columns) {
    const D d;
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
        const V factor = hn::LoadU(d, scale + lane);
        const V shift = offset == nullptr ? hn::Zero(d) : hn::LoadU(d, offset + lane);
        for (std::size_t t = 0; t < columns; ++t) {
            const std::size_t i = t * lanes + lane;
            V y = hn::MulAdd(hn::LoadU(d, x + i), factor, shift);
            if (addend != nullptr) y = hn::Add(y, hn::LoadU(d, addend + i));
            hn::StoreU(y, d, output + i);
        }
    }
}

void Add(float* x, const float* y, std::size_t columns) {
    const D d;
    for (std::size_t i = 0; i < columns * lanes; i += hn::Lanes(d))
        hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, x + i);
}

void Multiply(float* x, const float* y, std::size_t columns) {
    const D d;
    for (std::size_t i = 0; i < columns * lanes; i += hn::Lanes(d))
        hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, x + i);
}

// The value of window position k, a zero where it lies in the padding.
HWY_INLINE V Pooled(const float* x, std::size_t samples, std::size_t left, std::size_t k) {
    const D d;
    return k < left || k - left >= samples ? hn::Zero(d) : hn::LoadU(d, x + (k - left) * lanes);
}

void Pool(const float* x, std::size_t samples, std::size_t stride, std::size_t left, float* output,
          std::size_t columns) {
    const D d;
    for (std::size_t t = 0; t < columns; ++t) {
        for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
            V highest = Pooled(x + lane, samples, left, t * stride);
            for (std::size_t k = 1; k < stride; ++k)
                highest = hn::Max(highest, Pooled(x + lane, samples, left, t * stride + k));
            hn::StoreU(highest, d, output + t * lanes + lane);
        }
    }
}

void AddPoolGradient(const float* x, std::size_t samples, std::size_t stride, std::size_t left,
                     const float* gradient, float* gradient_x, std::size_t columns) {
    const D d;
    for (std::size_t t = 0; t < columns; ++t) {
        for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
            V highest = Pooled(x + lane, samples, left, t * stride);
            V winner = hn::Zero(d);
            for (std::size_t k = 1; k < stride; ++k) {
                const V value = Pooled(x + lane, samples, left, t * stride + k);
                const auto higher = hn::Gt(value, highest);
                highest = hn::IfThenElse(higher, value, highest);
                winner = hn::IfThenElse(higher, hn::Set(d, static_cast<float>(k)), winner);
            }
            const V g = hn::LoadU(d, gradient + t * lanes + lane);
            for (std::size_t k = 0; k < stride; ++k) {
                const std::size_t place = t * stride + k;
                if (place < left || place - left >= samples) continue;
                float* target = gradient_x + (place - left) * lanes + lane;
                const auto won = hn::Eq(winner, hn::Set(d, static_cast<float>(k)));
                hn::StoreU(hn::Add(hn::LoadU(d, target), hn::IfThenElseZero(won, g)), d, target);
            }
        }
    }
}

}  // namespace clef::lane_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef::lane_kernels {

HWY_EXPORT(Combine);
HWY_EXPORT(AddProducts);
HWY_EXPORT(RowSum);
HWY_EXPORT(Swish);
HWY_EXPORT(SigmoidOf);
HWY_EXPORT(ColumnSum);
HWY_EXPORT(ColumnProduct);
HWY_EXPORT(ScaleAndAdd);
HWY_EXPORT(Add);
HWY_EXPORT(Multiply);
HWY_EXPORT(Pool);
HWY_EXPORT(AddPoolGradient);

void combine(const Combination& work) {
    HWY_DYNAMIC_DISPATCH(Combine)(work);
}

void add_products(const Products& work) {
    HWY_DYNAMIC_DISPATCH(AddProducts)(work);
}

float row_sum(const float* row, std::size_t columns) {
    return HWY_DYNAMIC_DISPATCH(RowSum)(row, columns);
}

void swish(const float* x, float* output, float* slope, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(Swish)(x, output, slope, columns);
}

void sigmoid(const float* x, float* output, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(SigmoidOf)(x, output, columns);
}

void column_sum(const float* x, std::size_t columns, float scale, float* sum) {
    HWY_DYNAMIC_DISPATCH(ColumnSum)(x, columns, scale, sum);
}

void column_product(const float* x, const float* y, std::size_t columns, float* sum) {
    HWY_DYNAMIC_DISPATCH(ColumnProduct)(x, y, columns, sum);
}

void scale_and_add(const float* x, const float* scale, const float* addend, const float* offset,
                   float* output, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(ScaleAndAdd)(x, scale, addend, offset, output, columns);
}

void add(float* x, const float* y, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(Add)(x, y, columns);
}

void multiply(float* x, const float* y, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(Multiply)(x, y, columns);
}

void pool(const float* x, std::size_t samples, std::size_t stride, std::size_t left, float* output,
          std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(Pool)(x, samples, stride, left, output, columns);
}

void add_pool_gradient(const float* x, std::size_t samples, std::size_t stride, std::size_t left,
                       const float* gradient, float* gradient_x, std::size_t columns) {
    HWY_DYNAMIC_DISPATCH(AddPoolGradient)(x, samples, stride, left, gradient, gradient_x, columns);
}

}  // namespace clef::lane_kernels

#endif  // HWY_ONCE
