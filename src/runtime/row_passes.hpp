// What happens to rows of channels (rows.hpp) between convolutions, in SIMD like those.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/rows.hpp"

namespace clef::rows {

// Squeeze-excitation's gates and the residual: y = row · gates + shortcut, in place; then
// swish(y) into `activated` (float32, or bfloat16 where `rounded`; nullptr: not wanted), and
// column_sums (nullptr: not wanted) += Σ over instants of y. gates and
// column_sums: `channels` numbers and 15 more, of any value.
struct Gating {
    float* rows = nullptr;
    std::size_t stride = 0;
    std::size_t first = 0;  // of the rows, and of `activated`'s; the shortcut's begin there
    std::size_t instants = 0;
    std::size_t channels = 0;
    const float* gates = nullptr;
    const float* shortcut = nullptr;
    std::size_t shortcut_stride = 0;
    void* activated = nullptr;
    std::size_t activated_stride = 0;
    bool rounded = false;
    float* column_sums = nullptr;
};
void gate_rows(const Gating& gating);

// Max-pool with kernel = stride and zero SAME padding: output row t − first is the largest of rows
// t · stride − left … + stride − 1. The channels land in the middle of the wider output's, zeros
// around them.
void pool_rows(const Rows<float>& input, std::size_t stride, std::size_t left, std::size_t first,
               Rows<float>& output);

// x = 1 ÷ (1 + e^−x), in place; `count` numbers and room for 15 more.
void sigmoid(float* x, std::size_t count);

// To bfloat16, `count` numbers.
void round_rows(const float* input, std::uint16_t* output, std::size_t count);

// To unsigned bytes b with x = (b − zero) · scale: from the least and the largest of a set of
// numbers and zero. scale = range ÷ 255, b = round(x · (255 ÷ range)) + zero, all in float32, ties
// to even; range 1 where all are zero. Sets: an instant's channels (scales and zeros: one per
// instant), or the channels of a group over all instants (one per group; `output` has its padding
// filled with the group's zero).
void rows_to_bytes(const Rows<float>& input, Rows<std::uint8_t>& output, float* scales,
                   std::int32_t* zeros);
void groups_to_bytes(const Rows<float>& input, std::size_t groups, Rows<std::uint8_t>& output,
                     std::size_t padding_behind, float* scales, std::int32_t* zeros,
                     Lines<float>& scratch);

}  // namespace clef::rows
