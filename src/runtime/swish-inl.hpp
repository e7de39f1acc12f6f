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

// The bounds keep e^−x within a float's exponents: swish(−87.3) is −1e-36, and 1 + e^−80 is 1.
// Their order hands a NaN on.
struct Bounded {
    V low;   // x, not below
    V both;  // nor above
};

HWY_INLINE Bounded BoundedOf(V x) {
    const D d;
    V low = hn::Max(hn::Set(d, -87.3F), x);
    V both = hn::Min(hn::Set(d, 80.0F), low);
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_NEON  // bounds are numbers in any order
    low = hn::IfThenElse(hn::IsNaN(x), x, low);
    both = hn::IfThenElse(hn::IsNaN(x), x, both);
#endif
    return {low, both};
}

// Adding 1.5 · 2^23 to a number rounds it to a whole one, which the sum's low bits then hold.
constexpr float whole = 12582912.0F;

#if HWY_TARGET == HWY_AVX3

// 2^(j ÷ 16) ÷ scale as floats, less j in the place that n's low four bits are shifted to below. Of
// all numbers this scale is the second best at having sixteen quotients that are nearly floats
// (within 1.8e-8 of themselves), and the best such near 2, where a float's last place is relatively
// smallest.
constexpr float scale = 1.78873742F;
alignas(64) constexpr std::int32_t roots[16] = {
    0x3F0F1E22, 0x3F0D743E, 0x3F0C122B, 0x3F0AFB17, 0x3F0A3254, 0x3F09BB5A, 0x3F0999C8, 0x3F09D165,
    0x3F0A6625, 0x3F0B5C27, 0x3F0CB7BA, 0x3F0E7D5C, 0x3F10B1C0, 0x3F1359CD, 0x3F133D51, 0x3F110CCC};

// 1 + e^−x: −x = (n + f) · ln 2 ÷ 16 with n whole. 2^(n ÷ 16) is one of sixteen numbers, which a
// register holds, times a power of two; 2^(f ÷ 16) a polynomial of degree 3 (Chebyshev; relative
// error 2.5e-9). A fifth fewer cycles than the other way.
HWY_INLINE V OnePlusExponential(V x) {
    const D d;
    const hn::RebindToSigned<D> di;
    const V one = hn::Set(d, 1.0F);
    const V factor = hn::Set(d, -23.0831204F);  // −16 ÷ ln 2, and what it lacks of that
    const V rest = hn::Set(d, -3.08154e-07F);
    const V shifted = hn::MulAdd(x, factor, hn::Set(d, whole));
    V f = hn::MulSub(x, factor, hn::Sub(shifted, hn::Set(d, whole)));
    f = hn::MulAdd(x, rest, f);
    V power = hn::MulAdd(f, hn::Set(d, 2.42394055e-05F), hn::Set(d, 0.00167857321F));
    power = hn::MulAdd(power, f, hn::Set(d, 0.0774911435F));
    power = hn::MulAdd(power, f, hn::Set(d, scale));
    const auto n = hn::BitCast(di, shifted);
    // Looks at the low four bits alone, which Highway's lookup does not promise.
    const decltype(n) root{_mm512_permutexvar_epi32(n.raw, hn::Load(di, roots).raw)};
    return hn::MulAdd(hn::BitCast(d, hn::Add(root, hn::ShiftLeft<19>(n))), power, one);
}

#else

// 1 + e^−x: e^−x = 2^n · e^r, n the nearest whole number to −x ÷ ln 2, which shifted into the
// exponent's place multiplies e^r by 2^n. e^r on ±½ ln 2 is 1 + r + r² · a polynomial (Remez;
// relative error 4e-9): errors that favour one side would add up over a hundred layers.
HWY_INLINE V OnePlusExponential(V x) {
    const D d;
    const hn::RebindToSigned<D> di;
    const V shifted = hn::MulAdd(x, hn::Set(d, -1.44269504F), hn::Set(d, whole));
    const V n = hn::Sub(shifted, hn::Set(d, whole));
    // ln 2 in two parts (Cody and Waite), the first of so few bits that its product with n is
    // exact.
    V r = hn::NegMulSub(n, hn::Set(d, 0.693359375F), x);
    r = hn::NegMulAdd(n, hn::Set(d, -0.000212194442F), r);
    V power = hn::Set(d, 0.00138146128F);
    power = hn::MulAdd(power, r, hn::Set(d, 0.00836871006F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.041668389F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.166665211F));
    power = hn::MulAdd(power, r, hn::Set(d, 0.49999994F));
    power = hn::MulAdd(power, r, hn::Set(d, 1.0F));
    power = hn::MulAdd(power, r, hn::Set(d, 1.0F));
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
    const V e = hn::BitCast(d, hn::Add(hn::BitCast(di, power), exponent));
    return hn::Add(hn::Set(d, 1.0F), e);
}

#endif

// x ÷ (1 + e^−x)
HWY_INLINE V SwishOf(V x) {
    const Bounded bounded = BoundedOf(x);
    return hn::Div(bounded.low, OnePlusExponential(bounded.both));
}

// 1 ÷ (1 + e^−x)
HWY_INLINE V SigmoidOf(V x) {
    return hn::Div(hn::Set(D(), 1.0F), OnePlusExponential(BoundedOf(x).both));
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
