// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "base/philox.cpp"
// The order of these two is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include <algorithm>
#include <cstring>

#include "base/random.hpp"

#ifndef CLEF_BASE_PHILOX
#define CLEF_BASE_PHILOX

namespace clef::philox {

constexpr int rounds = 10;
constexpr std::uint32_t multipliers[] = {0xD2511F53U, 0xCD9E8D57U};
constexpr std::uint32_t steps[] = {0x9E3779B9U, 0xBB67AE85U};

struct Start {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
};

}  // namespace clef::philox

#endif  // CLEF_BASE_PHILOX

HWY_BEFORE_NAMESPACE();
namespace clef::philox::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

std::size_t Blocks(const Start&, std::uint32_t*, std::size_t) {
    return 0;  // its vectors have one lane, and no products of twice the width
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<std::uint64_t>;
using V = hn::Vec<D>;

// Each lane holds a word of another block in its lower half; what is in the upper half is never
// looked at.
struct State {
    V words[4];
};

HWY_INLINE State Round(const State& s, V first_key, V second_key) {
    const D d;
    const hn::Repartition<std::uint32_t, D> d32;
    const auto product = [&](V word, std::uint32_t multiplier) HWY_ATTR {
        return hn::MulEven(hn::BitCast(d32, word), hn::BitCast(d32, hn::Set(d, multiplier)));
    };
    const V a = product(s.words[0], multipliers[0]);
    const V b = product(s.words[2], multipliers[1]);
    return {{hn::Xor(hn::Xor(hn::ShiftRight<32>(b), s.words[1]), first_key), b,
             hn::Xor(hn::Xor(hn::ShiftRight<32>(a), s.words[3]), second_key), a}};
}

// Two vectors of blocks side by side, so that one's products are under way during the other's.
// Returns how many blocks were made.
std::size_t Blocks(const Start& start, std::uint32_t* words, std::size_t blocks) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const auto set = [&](std::uint32_t value) HWY_ATTR { return hn::Set(d, value); };
    const V low = set(0xFFFFFFFFU);
    std::size_t made = 0;
    for (; made + 2 * lanes <= blocks; made += 2 * lanes) {
        const std::uint64_t number = std::uint64_t{start.counter[0]} + made;
        State one{{hn::Iota(d, number), set(start.counter[1]), set(start.counter[2]),
                   set(start.counter[3])}};
        State other = one;
        other.words[0] = hn::Iota(d, number + lanes);
        std::uint32_t first_key = start.key[0];
        std::uint32_t second_key = start.key[1];
        for (int round = 0; round < rounds; ++round) {
            one = Round(one, set(first_key), set(second_key));
            other = Round(other, set(first_key), set(second_key));
            first_key += steps[0];
            second_key += steps[1];
        }
        for (const State& state : {one, other}) {
            const auto pair = [&](int i) HWY_ATTR {
                return hn::Or(hn::And(state.words[i], low), hn::ShiftLeft<32>(state.words[i + 1]));
            };
            std::uint64_t pairs[2 * hn::MaxLanes(d)];
            hn::StoreInterleaved2(pair(0), pair(2), d, pairs);
            std::memcpy(words, pairs, sizeof pairs);  // lower halves first, as words lie in memory
            words += 4 * lanes;
        }
    }
    return made;
}

#endif

}  // namespace clef::philox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef {

namespace philox {
HWY_EXPORT(Blocks);
}  // namespace philox

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
    const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
    for (int round = 0; round < philox::rounds; ++round) {
        const std::uint64_t a = std::uint64_t{philox::multipliers[0]} * counter[0];
        const std::uint64_t b = std::uint64_t{philox::multipliers[1]} * counter[2];
        counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
        key[0] += philox::steps[0];
        key[1] += philox::steps[1];
    }
    return counter;
}

void philox_blocks(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key,
                   std::span<std::uint32_t> words) {
    using namespace philox;
    const std::size_t blocks = words.size() / 4;
    std::size_t made = HWY_DYNAMIC_DISPATCH(Blocks)({counter, key}, words.data(), blocks);
    for (; made < blocks; ++made) {
        auto own = counter;
        own[0] += static_cast<std::uint32_t>(made);
        const auto block = philox4x32(own, key);
        std::copy(block.begin(), block.end(),
                  words.begin() + static_cast<std::ptrdiff_t>(4 * made));
    }
}

}  // namespace clef

#endif  // HWY_ONCE
