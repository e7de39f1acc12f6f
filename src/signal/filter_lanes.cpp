// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "signal/filter_lanes.cpp"
// The order of these two is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "signal/filter_lanes.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::filter_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Long = hn::ScalableTag<double>;
using Short = hn::CappedTag<double, 2>;

std::size_t Lanes(std::size_t signals) {
    return signals <= hn::Lanes(Short()) ? hn::Lanes(Short()) : hn::Lanes(Long());
}

// The number of delays is a template argument so that the states stay in registers.
template <std::size_t Delays, class D>
void Run(D d, const LaneFilter& filter, double* values, std::size_t samples, bool backward) {
    const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
    const std::ptrdiff_t step = backward ? -lanes : lanes;
    double* at = backward ? values + (static_cast<std::ptrdiff_t>(samples) - 1) * lanes : values;
    const double* b = filter.b.data();
    const double* a = filter.a.data();
    const auto first = hn::LoadU(d, at);
    hn::Vec<D> state[Delays];
    for (std::size_t i = 0; i < Delays; ++i) {
        state[i] = hn::Mul(hn::Set(d, filter.steady[i]), first);
    }
    for (std::size_t n = 0; n < samples; ++n, at += step) {
        const auto input = hn::LoadU(d, at);
        const auto output = hn::Add(hn::Mul(hn::Set(d, b[0]), input), state[0]);
        for (std::size_t i = 0; i + 1 < Delays; ++i) {
            const auto fed = hn::Add(state[i + 1], hn::Mul(hn::Set(d, b[i + 1]), input));
            state[i] = hn::Sub(fed, hn::Mul(hn::Set(d, a[i + 1]), output));
        }
        state[Delays - 1] =
            hn::Sub(hn::Mul(hn::Set(d, b[Delays]), input), hn::Mul(hn::Set(d, a[Delays]), output));
        hn::StoreU(output, d, at);
    }
}

template <class D>
void RunAny(D d, const LaneFilter& filter, double* values, std::size_t samples, bool backward) {
    switch (filter.steady.size()) {
        case 2:
            return Run<2>(d, filter, values, samples, backward);
        case 4:
            return Run<4>(d, filter, values, samples, backward);
        case 5:
            return Run<5>(d, filter, values, samples, backward);
        case 8:
            return Run<8>(d, filter, values, samples, backward);
        default:
            return Run<10>(d, filter, values, samples, backward);
    }
}

void Filter(const LaneFilter& filter, double* values, std::size_t samples, std::size_t lanes,
            bool backward) {
    if (lanes == hn::Lanes(Short())) return RunAny(Short(), filter, values, samples, backward);
    RunAny(Long(), filter, values, samples, backward);
}

}  // namespace clef::filter_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace clef {

namespace filter_kernels {
HWY_EXPORT(Lanes);
HWY_EXPORT(Filter);
}  // namespace filter_kernels

std::size_t filter_lanes(std::size_t signals) {
    using namespace filter_kernels;
    return HWY_DYNAMIC_DISPATCH(Lanes)(signals);
}

bool has_lane_filter(std::size_t delays) {
    return delays == 2 || delays == 4 || delays == 5 || delays == 8 || delays == 10;
}

void filter_in_lanes(const LaneFilter& filter, double* values, std::size_t samples,
                     std::size_t lanes, bool backward) {
    using namespace filter_kernels;
    HWY_DYNAMIC_DISPATCH(Filter)(filter, values, samples, lanes, backward);
}

}  // namespace clef

#endif  // HWY_ONCE
