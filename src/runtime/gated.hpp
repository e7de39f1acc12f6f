// Kernels of the transformers without biases (T5, Moirai), compiled and chosen like those of
// runtime/dense.hpp. float32; the tests compare each with a slow version in double.
#pragma once

#include <cstddef>

namespace clef::kernels {

// Each row · weight ÷ √(mean of its squares + epsilon), sums in double; rows `x_stride` and
// `y_stride` floats apart; in place or not. Zhang and Sennrich, "Root Mean Square Layer
// Normalization", arXiv 1910.07467.
void rms_norm(const float* x, std::size_t x_stride, std::size_t rows, std::size_t width,
              const float* weight, double epsilon, float* y, std::size_t y_stride);

// Gated linear units (Shazeer, arXiv 2002.05202): gate[i] = activation(gate[i]) · x[i], with
// silu(g) = g · σ(g), and GELU by its tanh form, which is
// g · σ(√(8/π) · (g + 0.044715 g³)) (Hendrycks and Gimpel, arXiv 1606.08415, section 2).
void silu_gate(float* gate, const float* x, std::size_t count);
void gelu_gate(float* gate, const float* x, std::size_t count);

}  // namespace clef::kernels
