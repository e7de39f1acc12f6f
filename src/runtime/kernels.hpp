// The arithmetic of a convolutional forward pass with time side by side (xresnet1d; Net1D has
// row_convolution.hpp), written once with Google Highway and dispatched at run time to
// the best instruction set the machine has. All pointers are float32; rows are `row_stride` apart
// and may be read and written up to the stride (padding included), which the workspace guarantees.
#pragma once

#include <cstddef>
#include <vector>

namespace clef::kernels {

// Rows are padded to a multiple of this many floats, so that no kernel needs a scalar tail.
constexpr std::size_t row_multiple = 16;
constexpr std::size_t rows_at_once = 4;  // output channels a convolution computes together

// An odd multiple (of a cache line): rows an even number of lines apart would share a few sets of
// the first cache and drive each other out while a tile reads all of them.
inline std::size_t padded_row(std::size_t samples) {
    return ((samples + row_multiple - 1) / row_multiple | 1) * row_multiple;
}

// One convolution layer, weights packed for convolve(): [group][block of 4 outputs][input channel]
// [kernel tap][4], outputs that do not exist are zero.
struct PackedConvolution {
    std::size_t in_channels = 0;
    std::size_t out_channels = 0;
    std::size_t groups = 1;
    std::size_t kernel = 1;
    std::size_t stride = 1;
    std::vector<float> weights;
    std::vector<float> bias;  // padded like the outputs of each group
};

// weight: (out, in ÷ groups, kernel) row-major, as PyTorch stores it.
PackedConvolution pack(const float* weight, const float* bias, std::size_t out, std::size_t in,
                       std::size_t groups, std::size_t kernel, std::size_t stride);

// Splits a row into its `stride` phases with SAME padding: phase p, sample i = row[i·stride + p −
// left]. `phases` has in_channels × stride rows of phase_stride() floats.
std::size_t phase_stride(const PackedConvolution& layer, std::size_t output_samples);
void split_phases(const PackedConvolution& layer, const float* input, std::size_t input_samples,
                  std::size_t input_stride, float* phases, std::size_t output_samples);
// The same with `left` zeros before the row instead, and as many behind it as are needed.
void split_phases(const PackedConvolution& layer, const float* input, std::size_t input_samples,
                  std::size_t input_stride, float* phases, std::size_t output_samples,
                  std::size_t left);

// output[o][t] = bias[o] + Σ weight · input, from phases (or, for a 1×1 convolution at stride 1,
// from the rows themselves with phase_row = their stride). An output's bits depend neither on its
// place in a tile nor on other outputs.
void convolve(const PackedConvolution& layer, const float* phases, std::size_t phase_row,
              float* output, std::size_t output_samples, std::size_t output_stride);

// The mean of `samples` floats: sums of 1,024 in float32, their sum in double.
float mean(const float* input, std::size_t samples);

}  // namespace clef::kernels
