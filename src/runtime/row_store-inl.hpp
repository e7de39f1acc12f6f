// The vectors of row_convolution.cpp and row_passes.cpp, and how they are stored.
#if defined(CLEF_RUNTIME_ROW_STORE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CLEF_RUNTIME_ROW_STORE_INL
#undef CLEF_RUNTIME_ROW_STORE_INL
#else
#define CLEF_RUNTIME_ROW_STORE_INL
#endif

#include <hwy/highway.h>

#include "runtime/row_layer.hpp"

HWY_BEFORE_NAMESPACE();
namespace clef::rows::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
using VI = hn::Vec<DI>;

constexpr std::size_t lanes = HWY_LANES(float) < panel_lanes ? HWY_LANES(float) : panel_lanes;
constexpr std::size_t vectors_of_panel = panel_lanes / lanes;

// The first `count` lanes, as float32.
HWY_INLINE void StoreSome(V v, float* to, std::size_t count) {
    if (count == lanes) {
        hn::StoreU(v, D(), to);
        return;
    }
    alignas(64) float all[lanes];
    hn::StoreU(v, D(), all);
    for (std::size_t i = 0; i < count; ++i) to[i] = all[i];
}

// As bfloat16: to nearest, ties to even.
HWY_INLINE void StoreSome(V v, std::uint16_t* to, std::size_t count) {
    const hn::RebindToUnsigned<D> du;
    const hn::Rebind<std::uint16_t, D> narrow;
    const auto bits = hn::BitCast(du, v);
    const auto upper = hn::ShiftRight<16>(bits);
    const auto bias = hn::Add(hn::And(upper, hn::Set(du, 1)), hn::Set(du, 0x7FFF));
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, bias));
    const auto nan = hn::RebindMask(du, hn::IsNaN(v));
    const auto chosen = hn::IfThenElse(nan, hn::Or(upper, hn::Set(du, 0x40)), rounded);
    const auto halves = hn::DemoteTo(narrow, hn::BitCast(DI(), chosen));
    if (count == lanes) {
        hn::StoreU(halves, narrow, to);
        return;
    }
    alignas(64) std::uint16_t all[lanes];
    hn::StoreU(halves, narrow, all);
    for (std::size_t i = 0; i < count; ++i) to[i] = all[i];
}

}  // namespace clef::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
