// A convolution with SAME padding on planes of view lanes, forward and backward. A linear layer is
// one with kernel 1 on a single column.
#pragma once

#include <cstddef>
#include <vector>

#include "training/lane_plane.hpp"

namespace clef {

struct LaneConvolutionShape {
    std::size_t in_channels = 1;
    std::size_t out_channels = 1;
    std::size_t groups = 1;
    std::size_t kernel = 1;
    std::size_t stride = 1;
};

// After pack(), everything is const and thread-safe. Planes that a convolution reads with a kernel
// above 1 (x forward, the output's gradient backward) need a margin of margin() columns.
class LaneConvolution {
  public:
    explicit LaneConvolution(const LaneConvolutionShape& shape) : shape_(shape) {}

    // weight: (out, in ÷ groups, kernel) row-major, bias: out, as PyTorch stores them; copied into
    // the order that the kernels read them in, for inputs of that many samples.
    void pack(const float* weight, const float* bias, std::size_t samples);

    const LaneConvolutionShape& shape() const { return shape_; }
    std::size_t margin() const { return shape_.kernel > 1 ? shape_.kernel : 0; }
    std::size_t output_samples() const { return output_samples_; }

    // y = convolution of x.
    void forward(const LanePlane& x, const LanePlane& y) const;
    // y = swish of it; slopes: swish's derivative there.
    void forward_swish(const LanePlane& x, const LanePlane& y, const LanePlane& slopes) const;

    // gradient_weight and gradient_bias (laid out like weight and bias) += what the gradient of the
    // output says.
    void add_weight_gradient(const LanePlane& gradient, const LanePlane& x, float* gradient_weight,
                             float* gradient_bias) const;
    // gradient_x = what it says of x, times slopes where given (nullptr: not).
    void input_gradient(const LanePlane& gradient, const LanePlane* slopes,
                        const LanePlane& gradient_x) const;

  private:
    // Towards the input, the samples whose index leaves the same rest by the stride see the same
    // taps of the kernel.
    struct Phase {
        std::vector<std::ptrdiff_t> shifts;  // columns of the output's gradient, one for each tap
        std::vector<float> weights;          // [group][block of inputs][output channel, tap][8]
    };
    void run(const LanePlane& x, const LanePlane& y, const LanePlane* slopes) const;
    void pack_forward(const float* weight, const float* bias);
    void pack_backward(const float* weight);
    std::size_t in_of_group() const { return shape_.in_channels / shape_.groups; }
    std::size_t out_of_group() const { return shape_.out_channels / shape_.groups; }
    // Where (channel, tap) of a group's input begins.
    void tap_rows(const LanePlane& x, std::size_t group, std::vector<const float*>& rows) const;

    LaneConvolutionShape shape_;
    std::size_t samples_ = 0;
    std::size_t output_samples_ = 0;
    std::size_t left_ = 0;  // zeros before the first sample
    std::vector<float> weights_;
    std::vector<float> bias_;
    std::vector<Phase> phases_;
};

}  // namespace clef
