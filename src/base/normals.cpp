// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "base/normals.cpp"
// The order of these is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include <algorithm>
#include <array>
#include <numbers>

#include "base/normals.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::normal_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// one, other: uniform deviates in [0, 1), turned into cosines' and sines' normal deviates.
// count: a multiple of every vector's length.
void Transform(double* one, double* other, std::size_t count) {
    const hn::ScalableTag<double> d;
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
        const auto u = hn::Sub(hn::Set(d, 1.0), hn::LoadU(d, one + i));
        const auto radius = hn::Sqrt(hn::Mul(hn::Set(d, -2.0), hn::Log(d, u)));
        const auto angle = hn::Mul(hn::Set(d, 2 * std::numbers::pi), hn::LoadU(d, other + i));
        hn::StoreU(hn::Mul(radius, hn::Cos(d, angle)), d, one + i);
        hn::StoreU(hn::Mul(radius, hn::Sin(d, angle)), d, other + i);
    }
}

}  // namespace clef::normal_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef {

namespace normal_kernels {
HWY_EXPORT(Transform);
}  // namespace normal_kernels

void fill_normals(Random& random, std::span<double> values) {
    using namespace normal_kernels;
    constexpr std::size_t pairs = 64;
    std::array<double, pairs> one{};
    std::array<double, pairs> other{};
    for (std::size_t begin = 0; begin < values.size(); begin += 2 * pairs) {
        const std::size_t count = std::min(2 * pairs, values.size() - begin);
        for (std::size_t i = 0; 2 * i < count; ++i) {
            one[i] = random.uniform();
            other[i] = random.uniform();
        }
        HWY_DYNAMIC_DISPATCH(Transform)(one.data(), other.data(), pairs);
        for (std::size_t i = 0; i < count; ++i) {
            values[begin + i] = i % 2 == 0 ? one[i / 2] : other[i / 2];
        }
    }
}

}  // namespace clef

#endif
