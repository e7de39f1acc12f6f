// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/dense.cpp"
// The order of these three is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "runtime/dense.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace clef::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Weights that are wanted soon, fetched on the way: so many at each input.
struct Ahead {
    const float* weights;
    std::size_t step;
};

// ROWS rows × two vectors of outputs stay in registers while the inputs stream by: x has the rows'
// first inputs, then their second ones, and so on.
template <std::size_t ROWS>
void MultiplyTile(const float* weights, Ahead next, const float* bias, std::size_t in,
                  const float* x, float* tile) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t c = 0; c < panel; c += 2 * lanes) {
        V sums[ROWS][2];
        for (std::size_t r = 0; r < ROWS; ++r) {
            sums[r][0] = hn::LoadU(d, bias + c);
            sums[r][1] = hn::LoadU(d, bias + c + lanes);
        }
        const float* w = weights + c;
        const float* ahead = next.weights;
        const float* values = x;
        for (std::size_t i = 0; i < in; ++i, w += panel, values += ROWS, ahead += next.step) {
            __builtin_prefetch(ahead, 0, 2);
            __builtin_prefetch(ahead + panel / 2, 0, 2);
            const V w0 = hn::LoadU(d, w);
            const V w1 = hn::LoadU(d, w + lanes);
            for (std::size_t r = 0; r < ROWS; ++r) {
                const V value = hn::Set(d, values[r]);
                sums[r][0] = hn::MulAdd(value, w0, sums[r][0]);
                sums[r][1] = hn::MulAdd(value, w1, sums[r][1]);
            }
        }
        for (std::size_t r = 0; r < ROWS; ++r) {
            hn::StoreU(sums[r][0], d, tile + r * panel + c);
            hn::StoreU(sums[r][1], d, tile + r * panel + c + lanes);
        }
    }
}

// Two sums a row: AVX-512 has 32 registers, what came before it 16.
constexpr std::size_t tile_rows = HWY_TARGET <= HWY_AVX3 ? 12 : 6;

// For 1 to tile_rows rows.
using Tile = decltype(&MultiplyTile<1>);
template <std::size_t... SIZES>
constexpr std::array<Tile, sizeof...(SIZES)> TilesOf(std::index_sequence<SIZES...>) {
    return {&MultiplyTile<SIZES + 1>...};
}
constexpr auto tiles = TilesOf(std::make_index_sequence<tile_rows>());

// Rows end evenly: 40 of them are four tiles of 10, since a tile of few rows waits for its weights.
class Tiling {
  public:
    explicit Tiling(std::size_t rows) : rows_(rows), count_((rows + tile_rows - 1) / tile_rows) {}
    std::size_t count() const { return count_; }
    std::size_t first(std::size_t k) const {
        return k * (rows_ / count_) + std::min(k, rows_ % count_);
    }
    std::size_t size(std::size_t k) const { return first(k + 1) - first(k); }

  private:
    std::size_t rows_;
    std::size_t count_;
};

// The rows of each tile as MultiplyTile wants them, one tile behind the other.
void PackTiles(const float* x, std::size_t x_stride, std::size_t rows, std::size_t in,
               float* packed) {
    const Tiling tiling(rows);
    for (std::size_t k = 0; k < tiling.count(); ++k) {
        const std::size_t row = tiling.first(k);
        const std::size_t size = tiling.size(k);
        constexpr std::size_t stretch = 64;  // inputs, which the first cache holds for all rows
        for (std::size_t begin = 0; begin < in; begin += stretch) {
            const std::size_t end = std::min(begin + stretch, in);
            for (std::size_t r = 0; r < size; ++r) {
                const float* source = x + (row + r) * x_stride;
                float* target = packed + row * in + r;
                for (std::size_t i = begin; i < end; ++i) target[i * size] = source[i];
            }
        }
    }
}

// One panel of outputs for all rows. `next`: the panel that comes behind it, of which every tile
// fetches its share.
void MultiplyPanel(const float* weights, const float* next, const float* bias, std::size_t in,
                   const float* packed, std::size_t rows, float* y, std::size_t y_stride,
                   std::size_t outputs) {
    float tile[tile_rows * panel];
    const Tiling tiling(rows);
    for (std::size_t k = 0; k < tiling.count(); ++k) {
        const std::size_t row = tiling.first(k);
        const std::size_t size = tiling.size(k);
        const Ahead ahead = {next + k * in / tiling.count() * panel, panel / tiling.count()};
        tiles[size - 1](weights, ahead, bias, in, packed + row * in, tile);
        for (std::size_t r = 0; r < size; ++r) {
            std::copy_n(tile + r * panel, outputs, y + (row + r) * y_stride);
        }
    }
}

// 1 − erf(z) for z ≥ 0.
V ErrorComplement(V z) {
    const D d;
    const V t = hn::Div(hn::Set(d, 1.0F), hn::MulAdd(z, hn::Set(d, 0.3275911F), hn::Set(d, 1.0F)));
    V polynomial = hn::Set(d, 1.061405429F);
    for (const float term : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F}) {
        polynomial = hn::MulAdd(polynomial, t, hn::Set(d, term));
    }
    // Beyond e^−87 float32 ends.
    const V square = hn::Min(hn::Mul(z, z), hn::Set(d, 87.0F));
    return hn::Mul(hn::Mul(polynomial, t), hn::Exp(d, hn::Neg(square)));
}

V GeluOf(V x) {
    const D d;
    const V half = hn::Mul(hn::Set(d, 0.5F), x);
    const V tail = ErrorComplement(hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678118654752F)));
    // Φ(x) = 1 − tail/2 above zero, tail/2 below.
    return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(half, tail),
                          hn::NegMulAdd(half, tail, x));
}

void Gelu(float* x, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) hn::StoreU(GeluOf(hn::LoadU(d, x + i)), d, x + i);
    float rest[16] = {};
    std::copy(x + i, x + count, rest);
    hn::StoreU(GeluOf(hn::LoadU(d, rest)), d, rest);
    std::copy_n(rest, count - i, x + i);
}

// count: a multiple of 16.
void Softmax(float* x, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V highest = hn::LoadU(d, x);
    for (std::size_t i = lanes; i < count; i += lanes) {
        highest = hn::Max(highest, hn::LoadU(d, x + i));
    }
    const V top = hn::MaxOfLanes(d, highest);
    V sum = hn::Zero(d);
    for (std::size_t i = 0; i < count; i += lanes) {
        const V difference = hn::Sub(hn::LoadU(d, x + i), top);
        const auto vanishes = hn::Lt(difference, hn::Set(d, -87.0F));
        const V bounded = hn::Max(difference, hn::Set(d, -87.0F));
        const V value = hn::IfThenElse(vanishes, hn::Zero(d), hn::Exp(d, bounded));
        sum = hn::Add(sum, value);
        hn::StoreU(value, d, x + i);
    }
    const V scale = hn::Div(hn::Set(d, 1.0F), hn::SumOfLanes(d, sum));
    for (std::size_t i = 0; i < count; i += lanes) {
        hn::StoreU(hn::Mul(hn::LoadU(d, x + i), scale), d, x + i);
    }
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace clef::kernels {

HWY_EXPORT(MultiplyPanel);
HWY_EXPORT(PackTiles);
HWY_EXPORT(Gelu);
HWY_EXPORT(Softmax);

namespace {

constexpr std::size_t softmax_multiple = 16;

std::size_t panels_of(std::size_t out) {
    return (out + panel - 1) / panel;
}

void resize(PackedMatrix& matrix, std::size_t out, std::size_t in) {
    matrix.in = in;
    matrix.out = out;
    matrix.values.assign(panels_of(out) * in * panel, 0.0F);
    matrix.bias.assign(panels_of(out) * panel, 0.0F);
}

float& value(PackedMatrix& matrix, std::size_t o, std::size_t i) {
    return matrix.values[(o / panel * matrix.in + i) * panel + o % panel];
}

}  // namespace

PackedMatrix pack_linear(const float* weight, const float* bias, std::size_t out, std::size_t in) {
    PackedMatrix matrix;
    pack_rows(matrix, weight, in, out, in);
    if (bias != nullptr) std::copy_n(bias, out, matrix.bias.begin());
    return matrix;
}

void pack_rows(PackedMatrix& matrix, const float* source, std::size_t stride, std::size_t out,
               std::size_t in) {
    resize(matrix, out, in);
    for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i) value(matrix, o, i) = source[o * stride + i];
    }
}

void pack_columns(PackedMatrix& matrix, const float* source, std::size_t stride, std::size_t out,
                  std::size_t in) {
    resize(matrix, out, in);
    for (std::size_t i = 0; i < in; ++i) {
        for (std::size_t o = 0; o < out; ++o) value(matrix, o, i) = source[i * stride + o];
    }
}

void multiply(const PackedMatrix& matrix, const float* x, std::size_t x_stride, std::size_t rows,
              float* y, std::size_t y_stride) {
    thread_local std::vector<float> packed;
    constexpr std::size_t cached = 96 * 1024;  // floats, of half a second-level cache
    const std::size_t most = std::max<std::size_t>(cached / matrix.in / 12, 1) * 12;
    for (std::size_t row = 0; row < rows; row += most) {
        const std::size_t count = std::min(most, rows - row);
        if (packed.size() < count * matrix.in) packed.resize(count * matrix.in);
        HWY_DYNAMIC_DISPATCH(PackTiles)
        (x + row * x_stride, x_stride, count, matrix.in, packed.data());
        for (std::size_t first = 0; first < matrix.out; first += panel) {
            const float* weights = matrix.values.data() + first * matrix.in;
            const float* next = first + panel < matrix.out ? weights + matrix.in * panel : weights;
            HWY_DYNAMIC_DISPATCH(MultiplyPanel)
            (weights, next, matrix.bias.data() + first, matrix.in, packed.data(), count,
             y + row * y_stride + first, y_stride, std::min(panel, matrix.out - first));
        }
    }
}

void layer_norm(const float* x, std::size_t rows, std::size_t width, const float* weight,
                const float* bias, double epsilon, float* y) {
    for (std::size_t row = 0; row < rows; ++row, x += width, y += width) {
        double mean = 0;
        for (std::size_t i = 0; i < width; ++i) mean += x[i];
        mean /= static_cast<double>(width);
        double variance = 0;
        for (std::size_t i = 0; i < width; ++i) variance += (x[i] - mean) * (x[i] - mean);
        const double scale = 1 / std::sqrt(variance / static_cast<double>(width) + epsilon);
        for (std::size_t i = 0; i < width; ++i) {
            y[i] = static_cast<float>((x[i] - mean) * scale * weight[i] + bias[i]);
        }
    }
}

void gelu(float* x, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(Gelu)(x, count);
}

void softmax(float* x, std::size_t count) {
    if (count % softmax_multiple == 0) {
        HWY_DYNAMIC_DISPATCH(Softmax)(x, count);
        return;
    }
    // What stands behind the row weighs nothing.
    const std::size_t whole = (count / softmax_multiple + 1) * softmax_multiple;
    thread_local std::vector<float> row;
    row.assign(whole, -std::numeric_limits<float>::infinity());
    std::copy_n(x, count, row.begin());
    HWY_DYNAMIC_DISPATCH(Softmax)(row.data(), whole);
    std::copy_n(row.begin(), count, x);
}

void add(const float* x, float* y, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) y[i] += x[i];
}

void attend(const Head& head, float scale, const float* bias, float* output,
            std::size_t output_stride, AttentionScratch& scratch) {
    const std::size_t tokens = head.tokens;
    pack_rows(scratch.keys, head.k, head.stride, tokens, head.width);
    pack_columns(scratch.values, head.v, head.stride, head.width, tokens);
    scratch.scores.resize(tokens * tokens);
    float* scores = scratch.scores.data();
    multiply(scratch.keys, head.q, head.stride, tokens, scores, tokens);
    for (std::size_t row = 0; row < tokens; ++row, scores += tokens) {
        for (std::size_t i = 0; i < tokens; ++i) {
            scores[i] = scores[i] * scale + (bias == nullptr ? 0.0F : bias[row * tokens + i]);
        }
        softmax(scores, tokens);
    }
    multiply(scratch.values, scratch.scores.data(), tokens, tokens, output, output_stride);
}

}  // namespace clef::kernels

#endif  // HWY_ONCE
