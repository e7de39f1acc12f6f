// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/gated.cpp"
// The order of these three is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "runtime/gated.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace clef::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// g · σ(z); beyond e^±87 float32 ends.
V TimesSigmoid(V g, V z) {
    const D d;
    const V bounded = hn::Min(hn::Max(z, hn::Set(d, -87.0F)), hn::Set(d, 87.0F));
    const V one = hn::Set(d, 1.0F);
    return hn::Div(g, hn::Add(one, hn::Exp(d, hn::Neg(bounded))));
}

struct Silu {
    V operator()(V g) const { return TimesSigmoid(g, g); }
};

struct TanhGelu {
    V operator()(V g) const {
        const D d;
        const V cubic = hn::MulAdd(hn::Mul(hn::Mul(g, g), g), hn::Set(d, 0.044715F), g);
        return TimesSigmoid(g, hn::Mul(cubic, hn::Set(d, 1.5957691216057308F)));
    }
};

template <typename Activation>
void Gate(float* gate, const float* x, std::size_t count) {
    const D d;
    const Activation activation;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const V g = activation(hn::LoadU(d, gate + i));
        hn::StoreU(hn::Mul(g, hn::LoadU(d, x + i)), d, gate + i);
    }
    float rest[16] = {};
    float rest_x[16] = {};
    std::copy(gate + i, gate + count, rest);
    std::copy(x + i, x + count, rest_x);
    hn::StoreU(hn::Mul(activation(hn::LoadU(d, rest)), hn::LoadU(d, rest_x)), d, rest);
    std::copy_n(rest, count - i, gate + i);
}

void SiluGate(float* gate, const float* x, std::size_t count) {
    Gate<Silu>(gate, x, count);
}

void GeluGate(float* gate, const float* x, std::size_t count) {
    Gate<TanhGelu>(gate, x, count);
}

}  // namespace clef::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cmath>

namespace clef::kernels {

HWY_EXPORT(SiluGate);
HWY_EXPORT(GeluGate);

void rms_norm(const float* x, std::size_t x_stride, std::size_t rows, std::size_t width,
              const float* weight, double epsilon, float* y, std::size_t y_stride) {
    for (std::size_t row = 0; row < rows; ++row, x += x_stride, y += y_stride) {
        double squares = 0;
        for (std::size_t i = 0; i < width; ++i) squares += static_cast<double>(x[i]) * x[i];
        const double scale = 1 / std::sqrt(squares / static_cast<double>(width) + epsilon);
        for (std::size_t i = 0; i < width; ++i) {
            y[i] = static_cast<float>(x[i] * scale * weight[i]);
        }
    }
}

void silu_gate(float* gate, const float* x, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(SiluGate)(gate, x, count);
}

void gelu_gate(float* gate, const float* x, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(GeluGate)(gate, x, count);
}

}  // namespace clef::kernels

#endif  // HWY_ONCE
