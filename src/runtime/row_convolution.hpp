// Convolutions and linear layers on rows of channels (rows.hpp), written once with Google Highway
// and dispatched at run time to the best instruction set the machine has, with AVX-512's dot
// products of bfloat16 and of bytes where it has those. What follows a layer (bias, swish, gates
// and shortcut, rounding for the next) happens while its results lie in the first cache.
//
// An output's bits do not depend on its place in a tile, on other outputs or on how many there are.
// Instruction sets differ in rounding: of int8 only behind the sums, which are exact.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/row_layer.hpp"

namespace clef::rows {

// What becomes of the sums Σ weight · input. Pointers that are nullptr ask for nothing.
//   y = Σ + bias; with gates: y · gates[channel] + shortcut[instant][channel]
struct Finish {
    float* plain = nullptr;  // y
    std::size_t plain_stride = 0;
    void* activated = nullptr;  // swish(y), or y where `swish` is off
    std::size_t activated_stride = 0;
    bool swish = true;
    bool rounded = false;  // `activated` is bfloat16, not float32
    const float* gates = nullptr;
    const float* shortcut = nullptr;
    std::size_t shortcut_stride = 0;
    // += Σ over instants of y, and what rounding takes from that sum: together as good as double.
    float* column_sums = nullptr;
    float* column_rests = nullptr;
};

// Of int8: an input is (byte − zero) · scale. Per instant (kernel 1) or, else, per group of
// channels.
struct ByteInputs {
    const float* scales = nullptr;
    const std::int32_t* zeros = nullptr;
};

// `outputs` instants of the layer. Instant t reads the input rows t · stride … + kernel − 1, of
// which `input` is the first: rows of zeros (of `zeros`, where bytes) stand for what lies outside
// the window. inputs, left: of these rows, `left` and then all behind `inputs` more are such
// padding.
struct Convolution {
    const RowLayer* layer = nullptr;
    const void* input = nullptr;
    std::size_t input_stride = 0;  // elements
    std::size_t inputs = 0;
    std::size_t left = 0;
    ByteInputs bytes;
    std::size_t outputs = 0;
    Finish finish;
};
void convolve_rows(const Convolution& convolution);

// Whether the machine's own dot products are used where it has them (they are, unless a test says
// otherwise; not thread-safe), and whether it has any for this precision.
void use_dot_products(bool use);
bool has_dot_products(Precision precision);

}  // namespace clef::rows
