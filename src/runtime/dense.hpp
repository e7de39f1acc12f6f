// Kernels of the transformers: matrices with one row per token, compiled for every instruction set
// that the compiler knows and chosen when the program starts (Highway). float32; the tests compare
// each with a slow version in double. A row's result does not depend on the other rows.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/rows.hpp"

namespace clef::kernels {

// A linear layer, or any matrix that others are multiplied by, in panels of `panel` outputs:
// [panel][input][output within the panel]; outputs that do not exist are zero.
constexpr std::size_t panel = 32;
struct PackedMatrix {
    std::size_t in = 0;
    std::size_t out = 0;
    rows::Lines<float> values;
    std::vector<float> bias;  // of whole panels; zeros where there is none
};

// Of a layer's weight (out × in, row-major, as PyTorch stores it); bias: `out` numbers, or nullptr.
PackedMatrix pack_linear(const float* weight, const float* bias, std::size_t out, std::size_t in);
// Into a matrix used before, without bias: output o of input i is source[o · stride + i], or, of
// columns, source[i · stride + o].
void pack_rows(PackedMatrix& matrix, const float* source, std::size_t stride, std::size_t out,
               std::size_t in);
void pack_columns(PackedMatrix& matrix, const float* source, std::size_t stride, std::size_t out,
                  std::size_t in);

// y[row][o] = bias[o] + Σ x[row][i] · matrix[i][o], rows `x_stride` and `y_stride` floats apart.
void multiply(const PackedMatrix& matrix, const float* x, std::size_t x_stride, std::size_t rows,
              float* y, std::size_t y_stride);

// Each row less its mean, over √(variance + epsilon) (population), · weight + bias; sums in double;
// in place or not.
void layer_norm(const float* x, std::size_t rows, std::size_t width, const float* weight,
                const float* bias, double epsilon, float* y);

// x · Φ(x), Φ the normal distribution: x/2 · (1 + erf(x/√2)), in place. erf by formula 7.1.26 of
// Abramowitz and Stegun, "Handbook of Mathematical Functions": within 1.5e-7.
void gelu(float* x, std::size_t count);

// exp(x[i] − max) ÷ their sum, in place. A row of −∞ alone has no answer and gives NaN.
void softmax(float* x, std::size_t count);

// y[i] += x[i]
void add(const float* x, float* y, std::size_t count);

// One head of attention: output = softmax(scale · q · kᵀ + bias) · v. q, k, v: tokens rows of
// `width`, `stride` floats apart. bias: tokens × tokens, or nullptr; −∞ hides a token.
struct AttentionScratch {
    PackedMatrix keys;
    PackedMatrix values;
    std::vector<float> scores;
};
struct Head {
    const float* q = nullptr;
    const float* k = nullptr;
    const float* v = nullptr;
    std::size_t stride = 0;
    std::size_t tokens = 0;
    std::size_t width = 0;
};
void attend(const Head& head, float scale, const float* bias, float* output,
            std::size_t output_stride, AttentionScratch& scratch);

}  // namespace clef::kernels
