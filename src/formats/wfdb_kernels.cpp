// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/wfdb_kernels.cpp"
// The order of these two is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "formats/wfdb_kernels.hpp"

#include <limits>
#include <numeric>

#include "formats/wfdb_decoders.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::wfdb_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

const std::uint8_t* Octets(const std::byte* data) {
    return reinterpret_cast<const std::uint8_t*>(data);
}

void Decode16(const std::byte* data, std::int32_t* out, std::size_t count) {
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::ScalableTag<std::int32_t> d32;
    const hn::Rebind<std::int16_t, decltype(d32)> d16;
    const hn::Repartition<std::uint8_t, decltype(d16)> d8;
    const std::size_t lanes = hn::Lanes(d32);
    for (; i + lanes <= count; i += lanes) {
        const auto words = hn::BitCast(d16, hn::LoadU(d8, Octets(data) + 2 * i));
        hn::StoreU(hn::PromoteTo(d32, words), d32, out + i);
    }
#endif
    for (; i < count; ++i) {
        const std::uint8_t* at = Octets(data) + 2 * i;
        out[i] = static_cast<std::int16_t>(at[0] | at[1] << 8);
    }
}

#if HWY_TARGET != HWY_SCALAR
// Samples of 16 bits from the first 12 bytes of every 16-byte block. A shuffle has laid, for every
// sample, the two bytes it lies in into a lane: for an even sample the low byte and the nibble
// above it, for an odd one the byte after and the nibble before it; shifts then drop the
// neighbour's nibble and extend the sign.
template <class D16, class V16 = hn::Vec<D16>>
V16 Samples212(D16 d16, V16 lanes) {
    const auto low = hn::Set(d16, 0x00FF);
    const auto even = hn::ShiftRight<4>(hn::ShiftLeft<4>(lanes));
    const auto odd = hn::Or(hn::AndNot(low, hn::ShiftRight<4>(lanes)), hn::And(lanes, low));
    return hn::OddEven(odd, even);
}

// Twelve bytes for each block of sixteen.
template <std::size_t Blocks, class D8>
hn::Vec<D8> LoadBlocks(D8 d8, const std::uint8_t* at) {
    if constexpr (Blocks == 2) {
        const hn::Half<D8> half;
        return hn::Combine(d8, hn::LoadU(half, at + 12), hn::LoadU(half, at));
    } else {
        return hn::LoadU(d8, at);
    }
}

// Eight samples from each of up to two blocks of twelve bytes.
std::size_t Decode212Vectors(const std::byte* data, std::int32_t* out, std::size_t pairs) {
    const hn::CappedTag<std::uint8_t, 32> d8;
    const hn::Repartition<std::int16_t, decltype(d8)> d16;
    const hn::Half<decltype(d16)> d16_half;
    const hn::Rebind<std::int32_t, decltype(d16_half)> d32;
    alignas(16) static constexpr std::uint8_t places[16] = {0, 1, 2, 1, 3, 4,  5,  4,
                                                            6, 7, 8, 7, 9, 10, 11, 10};
    const auto shuffle = hn::LoadDup128(d8, places);
    constexpr std::size_t blocks = hn::MaxLanes(d8) / 16;
    std::size_t pair = 0;
    // Each load takes 16 bytes, four more than are used.
    for (; pair + 4 * blocks + 2 <= pairs; pair += 4 * blocks) {
        const std::uint8_t* at = Octets(data) + 3 * pair;
        const auto bytes = hn::TableLookupBytes(LoadBlocks<blocks>(d8, at), shuffle);
        const auto samples = Samples212(d16, hn::BitCast(d16, bytes));
        std::int32_t* to = out + 2 * pair;
        hn::StoreU(hn::PromoteTo(d32, hn::LowerHalf(d16_half, samples)), d32, to);
        hn::StoreU(hn::PromoteTo(d32, hn::UpperHalf(d16_half, samples)), d32, to + 4 * blocks);
    }
    return pair;
}
#endif

void Decode212(const std::byte* data, std::int32_t* out, std::size_t pairs) {
    std::size_t pair = 0;
#if HWY_TARGET != HWY_SCALAR
    pair = Decode212Vectors(data, out, pairs);
#endif
    const auto extend = [](unsigned value) { return static_cast<std::int16_t>(value << 4) >> 4; };
    for (; pair < pairs; ++pair) {
        const std::uint8_t* at = Octets(data) + 3 * pair;
        out[2 * pair] = extend(at[0] | (at[1] & 0x0FU) << 8);
        out[2 * pair + 1] = extend(at[2] | (at[1] & 0xF0U) << 4);
    }
}

template <std::size_t Stride>
std::uint32_t GatherVectors(const std::int32_t* stored, std::int32_t invalid, std::int32_t* out,
                            std::size_t count, std::size_t& done) {
    const hn::ScalableTag<std::int32_t> d;
    const std::size_t lanes = hn::Lanes(d);
    const auto invalid_lanes = hn::Set(d, invalid);
    const auto missing = hn::Set(d, wfdb_missing);
    auto sums = hn::Zero(d);
    // The last vector of an interleaved load takes one sample more than is wanted.
    for (; done + lanes < count; done += lanes) {
        auto samples = hn::Zero(d);
        if constexpr (Stride == 1) {
            samples = hn::LoadU(d, stored + done);
        } else {
            auto others = hn::Zero(d);
            hn::LoadInterleaved2(d, stored + 2 * done, samples, others);
        }
        sums = hn::Add(sums, samples);
        hn::StoreU(hn::IfThenElse(hn::Eq(samples, invalid_lanes), missing, samples), d, out + done);
    }
    // Modulo 2^32, which sums of signed lanes are not allowed to be.
    const hn::RebindToUnsigned<decltype(d)> du;
    std::uint32_t strands[hn::MaxLanes(du)];
    hn::StoreU(hn::BitCast(du, sums), du, strands);
    return std::accumulate(strands, strands + lanes, std::uint32_t{0});
}

std::uint32_t Gather(const std::int32_t* stored, std::size_t stride, std::int32_t invalid,
                     std::int32_t* out, std::size_t count) {
    std::size_t done = 0;
    std::uint32_t sum = 0;
    if (stride == 1) sum = GatherVectors<1>(stored, invalid, out, count, done);
    if (stride == 2) sum = GatherVectors<2>(stored, invalid, out, count, done);
    for (; done < count; ++done) {
        const std::int32_t sample = stored[done * stride];
        sum += static_cast<std::uint32_t>(sample);
        out[done] = sample == invalid ? wfdb_missing : sample;
    }
    return sum;
}

void Convert(const std::int32_t* digital, std::size_t count, std::int32_t baseline, float divisor,
             float* out) {
    const hn::ScalableTag<std::int32_t> d32;
    const hn::ScalableTag<float> df;
    const std::size_t lanes = hn::Lanes(d32);
    const auto zero = hn::Set(d32, baseline);
    const auto missing = hn::Set(d32, wfdb_missing);
    const auto gain = hn::Set(df, divisor);
    const auto nothing = hn::NaN(df);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto samples = hn::LoadU(d32, digital + i);
        const auto values = hn::Div(hn::ConvertTo(df, hn::Sub(samples, zero)), gain);
        const auto absent = hn::RebindMask(df, hn::Eq(samples, missing));
        hn::StoreU(hn::IfThenElse(absent, nothing, values), df, out + i);
    }
    for (; i < count; ++i) {
        out[i] = digital[i] == wfdb_missing ? std::numeric_limits<float>::quiet_NaN()
                                            : static_cast<float>(digital[i] - baseline) / divisor;
    }
}

}  // namespace clef::wfdb_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef::wfdb_kernels {

HWY_EXPORT(Decode16);
HWY_EXPORT(Decode212);
HWY_EXPORT(Gather);
HWY_EXPORT(Convert);

void decode_16(std::span<const std::byte> data, std::span<std::int32_t> out) {
    HWY_DYNAMIC_DISPATCH(Decode16)(data.data(), out.data(), out.size());
}

void decode_212(std::span<const std::byte> data, std::span<std::int32_t> out) {
    HWY_DYNAMIC_DISPATCH(Decode212)(data.data(), out.data(), out.size() / 2);
}

std::uint32_t gather(const std::int32_t* stored, std::size_t stride, std::int32_t invalid,
                     std::span<std::int32_t> out) {
    return HWY_DYNAMIC_DISPATCH(Gather)(stored, stride, invalid, out.data(), out.size());
}

void convert(std::span<const std::int32_t> digital, std::int32_t baseline, float divisor,
             float* out) {
    HWY_DYNAMIC_DISPATCH(Convert)(digital.data(), digital.size(), baseline, divisor, out);
}

}  // namespace clef::wfdb_kernels

#endif  // HWY_ONCE
