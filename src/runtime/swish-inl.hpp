// Swish of a vector, for the kernels that are compiled once per instruction set.
#if defined(CLEF_RUNTIME_SWISH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CLEF_RUNTIME_SWISH_INL
#undef CLEF_RUNTIME_SWISH_INL
#else
#define CLEF_RUNTIME_SWISH_INL
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace clef::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

struct Exponential {
    V x;  // within the bounds
    V e;  // e^−x
};

// e^−x = 2^n · e^r, n the nearest whole number to −x ÷ ln 2: rounding by adding 1.5 · 2^23 leaves n
// in the low bits, which shifted into the exponent's place multiply e^r by it. e^r on ±½ ln 2 is
// 1 + r + r² · a polynomial (Remez; relative error 4e-9): errors that favour one side would add up
// over a hundred layers. The bounds keep n within a float's exponents: swish(−87.3) is −1e-36, and
// 1 + e^−80 is 1. Their order hands a NaN on.
HWY_INLINE Exponential ExponentialOf(V x) {
    const D d;
    const hn::RebindToSigned<D> di;
    V low = hn::Max(hn::Set(d, -87.3F), x);
    V high = hn::Min(hn::Set(d, 80.0F), low);
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_NEON  // bounds are numbers in any order
    low = hn::IfThenElse(hn::IsNaN(x), x, low);
    high = hn::IfThenElse(hn::IsNaN(x), x, high);
#endif
    const V magic = hn::Set(d, 12582912.0F);
    const V shifted = hn::MulAdd(high, hn::Set(d, -1.44269504F), magic);
    const V n = hn::Sub(shifted, magic);
    // ln 2 in two parts (Cody and Waite), the first of so few bits that its product with n is
    // exact.
    V r = hn::NegMulSub(n, hn::Set(d, 0.693359375F), high);
    r = hn::NegMulAdd(n, hn::Set(d, -0.000212194442F), r);
    V power = hn::Set(d, 0.00138146128F);
    power = hn::MulAdd(power, r, hn::Set(d, 0.00836871006F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.041668389F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.166665211F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.49999994F));
    power = hn::MulAdd(power, r, hn::Set(d, 1.0F));
    power = hn::MulAdd(power, r, hn::Set(d, 1.0F));
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
    return {low, hn::BitCast(d, hn::Add(hn::BitCast(di, power), exponent))};
}

// x ÷ (1 + e^−x)
HWY_INLINE V SwishOf(V x) {
    const Exponential exponential = ExponentialOf(x);
    return hn::Div(exponential.x, hn::Add(hn::Set(D(), 1.0F), exponential.e));
}

// 1 ÷ (1 + e^−x)
HWY_INLINE V SigmoidOf(V x) {
    const V one = hn::Set(D(), 1.0F);
    return hn::Div(one, hn::Add(one, ExponentialOf(x).e));
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
