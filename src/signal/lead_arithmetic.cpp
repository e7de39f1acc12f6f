// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "signal/lead_arithmetic.cpp"
// The order of these is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "signal/lead_arithmetic.hpp"

#include <array>
#include <cmath>
#include <cstddef>

#ifndef CLEF_SIGNAL_LEAD_ARITHMETIC
#define CLEF_SIGNAL_LEAD_ARITHMETIC

namespace clef::lead_kernels {

// Sums run in so many strands whatever the vectors' length: sample i is added to strand i mod 8.
constexpr std::size_t strands = 8;
constexpr std::size_t sine_block = 64;

}  // namespace clef::lead_kernels

#endif  // CLEF_SIGNAL_LEAD_ARITHMETIC

HWY_BEFORE_NAMESPACE();
namespace clef::lead_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<double, strands>;
using V = hn::Vec<D>;
constexpr std::size_t lanes = hn::MaxLanes(D());
constexpr std::size_t vectors = strands / lanes;

HWY_INLINE V Widened(const float* samples) {
    const D d;
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), samples));
}

// The sum of term(sample): on vectors and on single samples the same.
template <class TERM>
HWY_INLINE double Sum(std::span<const float> samples, const TERM& term) {
    const D d;
    V sums[vectors];
    for (V& sum : sums) sum = hn::Zero(d);
    std::size_t i = 0;
    for (; i + strands <= samples.size(); i += strands) {
        for (std::size_t v = 0; v < vectors; ++v) {
            sums[v] = hn::Add(sums[v], term(Widened(samples.data() + i + v * lanes)));
        }
    }
    alignas(64) double totals[strands];
    alignas(64) float rest[strands] = {};
    alignas(64) double terms[strands];
    for (std::size_t j = i; j < samples.size(); ++j) rest[j - i] = samples[j];
    for (std::size_t v = 0; v < vectors; ++v) {
        hn::Store(sums[v], d, totals + v * lanes);
        hn::Store(term(Widened(rest + v * lanes)), d, terms + v * lanes);
    }
    for (std::size_t j = i; j < samples.size(); ++j) totals[j - i] += terms[j - i];
    return ((totals[0] + totals[4]) + (totals[2] + totals[6])) +
           ((totals[1] + totals[5]) + (totals[3] + totals[7]));
}

Moments MomentsOf(std::span<const float> samples) {
    const auto count = static_cast<double>(samples.size());
    const double mean = Sum(samples, [](V x) HWY_ATTR { return x; }) / count;
    const V centre = hn::Set(D(), mean);
    const double squares = Sum(samples, [centre](V x) HWY_ATTR {
        const V distance = hn::Sub(x, centre);
        return hn::Mul(distance, distance);
    });
    return {mean, std::sqrt(squares / count)};
}

void CentreAndScale(std::span<float> samples, double mean, double factor) {
    const D d;
    const hn::Rebind<float, D> df;
    std::size_t i = 0;
    for (; i + lanes <= samples.size(); i += lanes) {
        const V x = hn::Sub(Widened(samples.data() + i), hn::Set(d, mean));
        hn::StoreU(hn::DemoteTo(df, hn::Mul(x, hn::Set(d, factor))), df, samples.data() + i);
    }
    for (; i < samples.size(); ++i) {
        samples[i] = static_cast<float>((samples[i] - mean) * factor);
    }
}

void AddScaled(std::span<float> samples, std::span<const double> other, double factor) {
    const D d;
    const hn::Rebind<float, D> df;
    std::size_t i = 0;
    for (; i + lanes <= samples.size(); i += lanes) {
        const V scaled = hn::Mul(hn::LoadU(d, other.data() + i), hn::Set(d, factor));
        hn::StoreU(hn::Add(hn::LoadU(df, samples.data() + i), hn::DemoteTo(df, scaled)), df,
                   samples.data() + i);
    }
    for (; i < samples.size(); ++i) samples[i] += static_cast<float>(other[i] * factor);
}

// sin(a + b) = sin a · cos b + cos a · sin b: two sines for every block, and a table of the block's
// own, instead of one for every sample.
void AddSine(std::span<double> values, double amplitude, double step, double phase) {
    const D d;
    alignas(64) double sines[sine_block];
    alignas(64) double cosines[sine_block];
    for (std::size_t i = 0; i < sine_block; ++i) {
        const double angle = step * static_cast<double>(i);
        sines[i] = amplitude * std::sin(angle);
        cosines[i] = amplitude * std::cos(angle);
    }
    for (std::size_t begin = 0; begin < values.size(); begin += sine_block) {
        const double angle = step * static_cast<double>(begin) + phase;
        const double sine = std::sin(angle);
        const double cosine = std::cos(angle);
        const std::size_t count = HWY_MIN(sine_block, values.size() - begin);
        double* to = values.data() + begin;
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes) {
            const V wave = hn::Add(hn::Mul(hn::Set(d, sine), hn::Load(d, cosines + i)),
                                   hn::Mul(hn::Set(d, cosine), hn::Load(d, sines + i)));
            hn::StoreU(hn::Add(hn::LoadU(d, to + i), wave), d, to + i);
        }
        for (; i < count; ++i) to[i] += sine * cosines[i] + cosine * sines[i];
    }
}

}  // namespace clef::lead_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef {

namespace lead_kernels {
HWY_EXPORT(MomentsOf);
HWY_EXPORT(CentreAndScale);
HWY_EXPORT(AddScaled);
HWY_EXPORT(AddSine);
}  // namespace lead_kernels

Moments moments_of(std::span<const float> samples) {
    using namespace lead_kernels;
    if (samples.empty()) return {};
    return HWY_DYNAMIC_DISPATCH(MomentsOf)(samples);
}

void centre_and_scale(std::span<float> samples, double mean, double factor) {
    using namespace lead_kernels;
    HWY_DYNAMIC_DISPATCH(CentreAndScale)(samples, mean, factor);
}

void add_scaled(std::span<float> samples, std::span<const double> other, double factor) {
    using namespace lead_kernels;
    HWY_DYNAMIC_DISPATCH(AddScaled)(samples, other, factor);
}

void add_sine(std::span<double> values, double amplitude, double step, double phase) {
    using namespace lead_kernels;
    HWY_DYNAMIC_DISPATCH(AddSine)(values, amplitude, step, phase);
}

}  // namespace clef

#endif  // HWY_ONCE
