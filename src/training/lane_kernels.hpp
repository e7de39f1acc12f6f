// The arithmetic of training an encoder on planes of view lanes (lane_plane.hpp), written once with
// Google Highway and dispatched at run time. A column is the `lanes` floats of one channel at one
// time. Everything is thread-safe; results depend on the instruction set, not on the thread.
#pragma once

#include <cstddef>

namespace clef::lane_kernels {

constexpr std::size_t outputs_at_once = 8;  // of packed weights

enum class Finish {
    plain,        // output = sum
    swish,        // output = swish(sum), slopes = its derivative, for the way back
    times_slope,  // output = sum · slopes
};

// output_o[t] = bias_o + Σ_r weight_or · row_r[t]: every convolution, forward or towards its input,
// with one row for each (channel, tap).
struct Combination {
    const float* weights = nullptr;  // [block of outputs_at_once][row][outputs_at_once]
    const float* bias = nullptr;     // padded to whole blocks; nullptr: none
    const float* const* rows = nullptr;
    std::size_t row_count = 0;
    std::size_t row_step = 0;  // floats from one time to the next
    float* const* outputs = nullptr;
    std::size_t output_count = 0;
    std::size_t output_step = 0;     // of the outputs and the slopes
    float* const* slopes = nullptr;  // per output; nullptr where Finish is plain
    std::size_t columns = 0;
    Finish finish = Finish::plain;
};
void combine(const Combination& work);

// sums[l · sums_stride + r] += Σ_t Σ_lane left_l[t] · right_r[t]: a convolution's weight gradient.
struct Products {
    const float* const* left = nullptr;  // columns next to each other
    std::size_t left_count = 0;
    const float* const* right = nullptr;
    std::size_t right_count = 0;
    std::size_t right_step = 0;
    std::size_t columns = 0;
    float* sums = nullptr;
    std::size_t sums_stride = 0;
};
void add_products(const Products& work);

// Σ over all columns and lanes of a row.
float row_sum(const float* row, std::size_t columns);

// output = x · sigmoid(x), slope = its derivative σ + x σ (1 − σ); output may be x.
void swish(const float* x, float* output, float* slope, std::size_t columns);
// output = sigmoid(x)
void sigmoid(const float* x, float* output, std::size_t columns);

// sum[lane] = scale · Σ_t x[t]
void column_sum(const float* x, std::size_t columns, float scale, float* sum);
// sum[lane] = Σ_t x[t] · y[t]
void column_product(const float* x, const float* y, std::size_t columns, float* sum);

// output[t] = x[t] · scale[lane] + (addend ? addend[t] : 0) + (offset ? offset[lane] : 0)
void scale_and_add(const float* x, const float* scale, const float* addend, const float* offset,
                   float* output, std::size_t columns);
// x[t] += y[t]
void add(float* x, const float* y, std::size_t columns);
// x[t] *= y[t]
void multiply(float* x, const float* y, std::size_t columns);

// Max-pooling with kernel = stride over `samples` columns behind `left` zeros, and as many behind
// them as the last window needs; of equal values the first wins, as in PyTorch.
void pool(const float* x, std::size_t samples, std::size_t stride, std::size_t left, float* output,
          std::size_t columns);
// gradient_x[of the largest] += gradient[t]
void add_pool_gradient(const float* x, std::size_t samples, std::size_t stride, std::size_t left,
                       const float* gradient, float* gradient_x, std::size_t columns);

}  // namespace clef::lane_kernels
