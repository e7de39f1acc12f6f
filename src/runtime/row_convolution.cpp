// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/row_convolution.cpp"
// The order of these is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/cache_control.h>
// clang-format on

#include "runtime/row_convolution.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/row_store-inl.hpp"
#include "runtime/swish-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::rows::HWY_NAMESPACE {

using kernels::HWY_NAMESPACE::SwishOf;

constexpr bool many_registers = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON;

struct Float32 {
    using Weights = V;
    using Input = V;
    using Sum = V;
    static HWY_INLINE V zero() { return hn::Zero(D()); }
    static HWY_INLINE V weights(VI four) { return hn::BitCast(D(), four); }
    static HWY_INLINE V input(VI four) { return hn::BitCast(D(), four); }
    static HWY_INLINE V multiply_add(V w, V x, V sum) { return hn::MulAdd(w, x, sum); }
    static HWY_INLINE V add(V sum, const void* other) {
        return hn::Add(sum, hn::LoadU(D(), static_cast<const float*>(other)));
    }
    static HWY_INLINE void store(V sum, void* to) { hn::StoreU(sum, D(), static_cast<float*>(to)); }
};

// With constructors of their own: GCC compiles those that it makes itself without the set's
// instructions, which ARM's vectors cannot be made by.
struct Pair {
    HWY_INLINE Pair() {}
    HWY_INLINE Pair(V one, V other) : first(one), second(other) {}
    V first;
    V second;
};

// A bfloat16 is the upper half of a float32.
struct WidenedBfloat16 {
    using Weights = Pair;
    using Input = Pair;
    using Sum = V;
    static HWY_INLINE V zero() { return hn::Zero(D()); }
    static HWY_INLINE Pair weights(VI four) { return input(four); }
    static HWY_INLINE Pair input(VI four) {
        const DI di;
        return {hn::BitCast(D(), hn::ShiftLeft<16>(four)),
                hn::BitCast(D(), hn::And(four, hn::Set(di, -65536)))};
    }
    static HWY_INLINE V multiply_add(Pair w, Pair x, V sum) {
        return hn::MulAdd(w.second, x.second, hn::MulAdd(w.first, x.first, sum));
    }
    static HWY_INLINE V add(V sum, const void* other) { return Float32::add(sum, other); }
    static HWY_INLINE void store(V sum, void* to) { Float32::store(sum, to); }
};

#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
using DI16 = hn::Repartition<std::int16_t, D>;

struct Halves {
    hn::Vec<DI16> even;
    hn::Vec<DI16> odd;
};

// Bytes widened to 16 bits; x86 multiplies neighbours of those and adds each two products.
struct WidenedInt8 {
    using Weights = Halves;
    using Input = Halves;
    using Sum = VI;
    static HWY_INLINE VI zero() { return hn::Zero(DI()); }
    static HWY_INLINE Halves weights(VI four) {
        const auto both = hn::BitCast(DI16(), four);
        return {hn::ShiftRight<8>(hn::ShiftLeft<8>(both)), hn::ShiftRight<8>(both)};
    }
    static HWY_INLINE Halves input(VI four) {
        const auto both = hn::BitCast(DI16(), four);
        const auto low = hn::Set(DI16(), 0xFF);
        const hn::RebindToUnsigned<DI16> unsigned16;
        return {hn::And(both, low),
                hn::BitCast(DI16(), hn::ShiftRight<8>(hn::BitCast(unsigned16, both)))};
    }
    static HWY_INLINE VI multiply_add(Halves w, Halves x, VI sum) {
        VI unused = hn::Zero(DI());
        sum = hn::ReorderWidenMulAccumulate(DI(), w.even, x.even, sum, unused);
        return hn::ReorderWidenMulAccumulate(DI(), w.odd, x.odd, sum, unused);
    }
    static HWY_INLINE VI add(VI sum, const void* other) {
        return hn::Add(sum, hn::LoadU(DI(), static_cast<const std::int32_t*>(other)));
    }
    static HWY_INLINE void store(VI sum, void* to) {
        hn::StoreU(sum, DI(), static_cast<std::int32_t*>(to));
    }
};
#else
struct Quarters {
    HWY_INLINE Quarters() {}
    HWY_INLINE Quarters(VI a, VI b, VI c, VI d) : bytes{a, b, c, d} {}
    VI bytes[4];
};

struct WidenedInt8 {
    using Weights = Quarters;
    using Input = Quarters;
    using Sum = VI;
    static HWY_INLINE VI zero() { return hn::Zero(DI()); }
    static HWY_INLINE Quarters weights(VI four) {
        return {hn::ShiftRight<24>(hn::ShiftLeft<24>(four)),
                hn::ShiftRight<24>(hn::ShiftLeft<16>(four)),
                hn::ShiftRight<24>(hn::ShiftLeft<8>(four)), hn::ShiftRight<24>(four)};
    }
    static HWY_INLINE Quarters input(VI four) {
        const VI low = hn::Set(DI(), 0xFF);
        return {hn::And(four, low), hn::And(hn::ShiftRight<8>(four), low),
                hn::And(hn::ShiftRight<16>(four), low), hn::And(hn::ShiftRight<24>(four), low)};
    }
    static HWY_INLINE VI multiply_add(Quarters w, Quarters x, VI sum) {
        for (int i = 0; i < 4; ++i) sum = hn::Add(sum, hn::Mul(w.bytes[i], x.bytes[i]));
        return sum;
    }
    static HWY_INLINE VI add(VI sum, const void* other) {
        return hn::Add(sum, hn::LoadU(DI(), static_cast<const std::int32_t*>(other)));
    }
    static HWY_INLINE void store(VI sum, void* to) {
        hn::StoreU(sum, DI(), static_cast<std::int32_t*>(to));
    }
};
#endif

// Sums of a tile, and what they are of.
struct TileSums {
    const std::uint8_t* sums;  // [instant][stride]
    std::size_t stride;        // four bytes each
    std::size_t packed;        // number of the first output, as biases are packed
    std::size_t channel;
    std::size_t channels;  // that exist from there on
    std::size_t first;     // instant
    std::size_t instants;
};

// Factor and zero's part of a vector's outputs, which make numbers of sums of bytes.
struct ByteFactors {
    V scale;
    VI zero;  // of the inputs times the sum of weights; that sum alone where zeros are per instant
};

ByteFactors ByteFactorsOf(const Convolution& c, std::size_t packed, std::size_t channel) {
    const RowLayer& layer = *c.layer;
    const V scale = hn::LoadU(D(), layer.scales.data() + packed);
    const VI sum = hn::LoadU(DI(), layer.sums.data() + packed);
    if (layer.kernel == 1) return {scale, sum};
    alignas(64) float scales[lanes];  // of the outputs' groups
    alignas(64) std::int32_t zeros[lanes];
    for (std::size_t i = 0; i < lanes; ++i) {
        const std::size_t group =
            std::min((channel + i) / (layer.out / layer.groups), layer.groups - 1);
        scales[i] = c.bytes.scales[group];
        zeros[i] = c.bytes.zeros[group];
    }
    return {hn::Mul(scale, hn::Load(D(), scales)), hn::Mul(sum, hn::Load(DI(), zeros))};
}

// Rows that will be written soon are on their way: those of a window that comes alone have left the
// caches. Past the end is no harm.
constexpr std::size_t rows_ahead = 24;

// y = value(sums, instant) of a vector's outputs, then what was asked for. The usual cases have
// loops of their own, without a question in them.
template <class VALUE>
HWY_INLINE void FinishValues(const Convolution& c, const TileSums& tile, std::size_t channel,
                             std::size_t count, const std::uint8_t* sums, const VALUE& value) {
    const D d;
    const Finish f = c.finish;
    const std::size_t pitch = tile.stride * 4;
    const std::size_t first = tile.first;
    const std::size_t instants = tile.instants;
    const bool swish_alone = f.plain == nullptr && f.gates == nullptr && f.column_sums == nullptr &&
                             f.swish && count == lanes;
    if (swish_alone && !f.rounded) {
        float* to = static_cast<float*>(f.activated) + first * f.activated_stride + channel;
        for (std::size_t i = 0; i < instants; ++i, sums += pitch, to += f.activated_stride) {
            __builtin_prefetch(to + rows_ahead * f.activated_stride, 1, 3);
            hn::StoreU(SwishOf(value(sums, first + i)), d, to);
        }
        return;
    }
    if (swish_alone) {
        auto* to = static_cast<std::uint16_t*>(f.activated) + first * f.activated_stride + channel;
        for (std::size_t i = 0; i < instants; ++i, sums += pitch, to += f.activated_stride) {
            StoreSome(SwishOf(value(sums, first + i)), to, lanes);
        }
        return;
    }
    V total = hn::Zero(d);
    const bool plain_alone =
        f.plain != nullptr && f.gates == nullptr && f.activated == nullptr && count == lanes;
    if (plain_alone) {
        float* to = f.plain + first * f.plain_stride + channel;
        for (std::size_t i = 0; i < instants; ++i, sums += pitch, to += f.plain_stride) {
            const V y = value(sums, first + i);
            __builtin_prefetch(to + rows_ahead * f.plain_stride, 1, 3);
            hn::StoreU(y, d, to);
            total = hn::Add(total, y);
        }
    }
    for (std::size_t i = 0; i < instants && !plain_alone; ++i, sums += pitch) {
        const std::size_t t = first + i;
        V y = value(sums, t);
        if (f.gates != nullptr) {
            y = hn::MulAdd(y, hn::LoadU(d, f.gates + channel),
                           hn::LoadU(d, f.shortcut + t * f.shortcut_stride + channel));
        }
        if (f.plain != nullptr) StoreSome(y, f.plain + t * f.plain_stride + channel, count);
        total = hn::Add(total, y);
        if (f.activated == nullptr) continue;
        const V a = f.swish ? SwishOf(y) : y;
        const std::size_t place = t * f.activated_stride + channel;
        if (f.rounded) {
            StoreSome(a, static_cast<std::uint16_t*>(f.activated) + place, count);
        } else {
            StoreSome(a, static_cast<float*>(f.activated) + place, count);
        }
    }
    if (f.column_sums == nullptr) return;
    // The sum, and exactly what its rounding leaves out (Knuth's TwoSum).
    const V before = hn::LoadU(d, f.column_sums + channel);
    const V after = hn::Add(before, total);
    const V added = hn::Sub(after, before);
    const V rest = hn::Add(hn::Sub(before, hn::Sub(after, added)), hn::Sub(total, added));
    float* rests = f.column_rests + channel;
    StoreSome(after, f.column_sums + channel, count);
    StoreSome(hn::Add(hn::LoadU(d, rests), rest), rests, count);
}

// A vector's worth of outputs over the tile's instants.
void FinishVector(const Convolution& c, const TileSums& tile, std::size_t offset) {
    const D d;
    const DI di;
    const std::size_t packed = tile.packed + offset;
    const std::size_t channel = tile.channel + offset;
    const std::size_t count = std::min(lanes, tile.channels - offset);
    const std::uint8_t* sums = tile.sums + offset * 4;
    const V bias = hn::LoadU(d, c.layer->bias.data() + packed);
    const auto finish = [&](const auto& value) __attribute__((always_inline)) {
        FinishValues(c, tile, channel, count, sums, value);
    };
    if (c.layer->precision != Precision::int8) {
        finish([bias](const std::uint8_t* from, std::size_t) __attribute__((always_inline)) {
            return hn::Add(hn::LoadU(D(), reinterpret_cast<const float*>(from)), bias);
        });
        return;
    }
    const ByteFactors factors = ByteFactorsOf(c, packed, channel);
    if (c.layer->kernel > 1) {
        finish([=](const std::uint8_t* from, std::size_t) __attribute__((always_inline)) {
            const VI sum = hn::LoadU(di, reinterpret_cast<const std::int32_t*>(from));
            return hn::MulAdd(hn::ConvertTo(d, hn::Sub(sum, factors.zero)), factors.scale, bias);
        });
        return;
    }
    const float* scales = c.bytes.scales;
    const std::int32_t* zeros = c.bytes.zeros;
    finish([=](const std::uint8_t* from, std::size_t t) __attribute__((always_inline)) {
        const VI sum = hn::LoadU(di, reinterpret_cast<const std::int32_t*>(from));
        const VI zero = hn::Mul(factors.zero, hn::Set(di, zeros[t]));
        return hn::MulAdd(hn::ConvertTo(d, hn::Sub(sum, zero)),
                          hn::Mul(factors.scale, hn::Set(d, scales[t])), bias);
    });
}

void FinishTile(const Convolution& c, const TileSums& tile) {
    for (std::size_t offset = 0; offset < tile.stride && offset < tile.channels; offset += lanes) {
        FinishVector(c, tile, offset);
    }
}

// Of `left` vectors, how many a tile takes: with few instants more, so that there are enough sums
// to hide a multiply–add's latency. Where a panel is several vectors, two or all four of them.
std::size_t VectorsAtOnce(std::size_t left, std::size_t instants) {
    if (vectors_of_panel > 1) return left >= 4 && (many_registers || instants <= 2) ? 4 : 2;
    if (instants <= 6 && left >= 4) return 4;
    if (left == 3) return 3;
    return left == 1 ? 1 : 2;
}

// Weights that the second cache holds are read again for every block of instants, whose inputs are
// kept near; larger ones come past as seldom as possible.
std::size_t InstantsTogether(const Convolution& c) {
    constexpr std::size_t small_weights = 1 << 18;
    constexpr std::size_t near = 1 << 17;
    constexpr std::size_t far = 3 << 17;
    const std::size_t row = c.layer->stride * c.input_stride * c.layer->element();
    const std::size_t room = c.layer->weights.size() <= small_weights ? near : far;
    return std::max<std::size_t>(24, room / row / 24 * 24);
}

#include "runtime/row_tile-inl.hpp"

#if HWY_TARGET == HWY_AVX3 && HWY_COMPILER_GCC_ACTUAL
#define CLEF_HAVE_DOT_PRODUCTS 1
// Instructions that Highway 1.0.3 does not know.
#pragma GCC push_options
#pragma GCC target("avx512bf16")
namespace bfloat16_dot {
struct Arithmetic {
    using Weights = VI;
    using Input = VI;
    using Sum = V;
    static HWY_INLINE V zero() { return hn::Zero(D()); }
    static HWY_INLINE VI weights(VI four) { return four; }
    static HWY_INLINE VI input(VI four) { return four; }
    static HWY_INLINE V multiply_add(VI w, VI x, V sum) {
        return V{_mm512_dpbf16_ps(sum.raw, reinterpret_cast<__m512bh>(w.raw),
                                  reinterpret_cast<__m512bh>(x.raw))};
    }
    static HWY_INLINE V add(V sum, const void* other) { return Float32::add(sum, other); }
    static HWY_INLINE void store(V sum, void* to) { Float32::store(sum, to); }
};
#include "runtime/row_tile-inl.hpp"
void Convolve(const Convolution& c) {
    ConvolveWith<Arithmetic>(c);
}
}  // namespace bfloat16_dot
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512vnni")
namespace int8_dot {
struct Arithmetic {
    using Weights = VI;
    using Input = VI;
    using Sum = VI;
    static HWY_INLINE VI zero() { return hn::Zero(DI()); }
    static HWY_INLINE VI weights(VI four) { return four; }
    static HWY_INLINE VI input(VI four) { return four; }
    static HWY_INLINE VI multiply_add(VI w, VI x, VI sum) {
        return VI{_mm512_dpbusd_epi32(sum.raw, x.raw, w.raw)};
    }
    static HWY_INLINE VI add(VI sum, const void* other) { return WidenedInt8::add(sum, other); }
    static HWY_INLINE void store(VI sum, void* to) { WidenedInt8::store(sum, to); }
};
#include "runtime/row_tile-inl.hpp"
void Convolve(const Convolution& c) {
    ConvolveWith<Arithmetic>(c);
}
}  // namespace int8_dot
#pragma GCC pop_options
#endif

// `dot`: with the machine's own dot products of this precision.
void ConvolveRows(const Convolution& c, bool dot) {
    switch (c.layer->precision) {
        case Precision::bfloat16:
#if HWY_TARGET == HWY_AVX3 && defined(CLEF_HAVE_DOT_PRODUCTS)
            if (dot) return bfloat16_dot::Convolve(c);
#endif
            return ConvolveWith<WidenedBfloat16>(c);
        case Precision::int8:
#if HWY_TARGET == HWY_AVX3 && defined(CLEF_HAVE_DOT_PRODUCTS)
            if (dot) return int8_dot::Convolve(c);
#endif
            return ConvolveWith<WidenedInt8>(c);
        default:
            return ConvolveWith<Float32>(c);
    }
    static_cast<void>(dot);
}

}  // namespace clef::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef::rows {

HWY_EXPORT(ConvolveRows);

namespace {

bool dot_products_wanted = true;

bool machine_has(Precision precision) {
#ifdef CLEF_HAVE_DOT_PRODUCTS
    static const bool bfloat16 = __builtin_cpu_supports("avx512bf16") != 0;
    static const bool int8 = __builtin_cpu_supports("avx512vnni") != 0;
    if (precision == Precision::bfloat16) return bfloat16;
    if (precision == Precision::int8) return int8;
#endif
    static_cast<void>(precision);
    return false;
}

}  // namespace

void convolve_rows(const Convolution& convolution) {
    HWY_DYNAMIC_DISPATCH(ConvolveRows)
    (convolution, dot_products_wanted && machine_has(convolution.layer->precision));
}

void use_dot_products(bool use) {
    dot_products_wanted = use;
}

bool has_dot_products(Precision precision) {
    return machine_has(precision);
}

}  // namespace clef::rows

#endif  // HWY_ONCE
