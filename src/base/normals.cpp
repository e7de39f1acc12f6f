// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "base/normals.cpp"
// The order of these is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "base/normals.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numbers>

HWY_BEFORE_NAMESPACE();
namespace clef::normal_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;

// Random::uniform() of two words, the first in the lower half.
HWY_INLINE V UniformOf(hn::Vec<hn::RebindToUnsigned<D>> words) {
    const hn::RebindToUnsigned<D> du;
    const auto upper = hn::ShiftRight<5>(hn::And(words, hn::Set(du, 0xFFFFFFFFU)));
    const auto bits = hn::Or(hn::ShiftLeft<26>(upper), hn::ShiftRight<38>(words));
    const auto whole = hn::ConvertTo(D(), hn::BitCast(hn::RebindToSigned<D>(), bits));
    return hn::Mul(whole, hn::Set(D(), 0x1.0p-53));
}

// Two uniform deviates become a cosine's and a sine's normal deviate. words: two pairs for each two
// values. count: values, a multiple of every two vectors' length.
void Normals(const std::uint64_t* words, double* values, std::size_t count) {
    const D d;
    const hn::RebindToUnsigned<D> du;
    for (std::size_t i = 0; i < count; i += 2 * hn::Lanes(d)) {
        hn::Vec<decltype(du)> one;
        hn::Vec<decltype(du)> other;
        hn::LoadInterleaved2(du, words + i, one, other);
        const V u = hn::Sub(hn::Set(d, 1.0), UniformOf(one));
        const V radius = hn::Sqrt(hn::Mul(hn::Set(d, -2.0), hn::Log(d, u)));
        const V angle = hn::Mul(hn::Set(d, 2 * std::numbers::pi), UniformOf(other));
        hn::StoreInterleaved2(hn::Mul(radius, hn::Cos(d, angle)),
                              hn::Mul(radius, hn::Sin(d, angle)), d, values + i);
    }
}

}  // namespace clef::normal_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef {

namespace normal_kernels {
HWY_EXPORT(Normals);
}  // namespace normal_kernels

void fill_normals(Random& random, std::span<double> values) {
    using namespace normal_kernels;
    constexpr std::size_t together = 128;
    std::array<std::uint32_t, 2 * together> drawn{};
    std::array<std::uint64_t, together> words{};
    std::array<double, together> rest{};
    while (!values.empty()) {
        const std::size_t count = std::min(together, values.size());
        const std::size_t pairs = (count + 1) / 2;
        random.fill(std::span(drawn).first(4 * pairs));
        std::memcpy(words.data(), drawn.data(), sizeof words);
        const bool whole = count == together;
        double* target = whole ? values.data() : rest.data();
        HWY_DYNAMIC_DISPATCH(Normals)(words.data(), target, together);
        if (!whole) std::copy_n(rest.begin(), count, values.begin());
        values = values.subspan(count);
    }
}

}  // namespace clef

#endif
