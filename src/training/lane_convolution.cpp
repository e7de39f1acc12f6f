#include "training/lane_convolution.hpp"

#include "encoder/net1d.hpp"
#include "training/lane_kernels.hpp"

namespace clef {

namespace {

using lane_kernels::outputs_at_once;

std::size_t blocks_of(std::size_t outputs) {
    return (outputs + outputs_at_once - 1) / outputs_at_once;
}

// Pointers to rows, kept by each thread from call to call.
struct Pointers {
    std::vector<const float*> rows;
    std::vector<float*> outputs;
    std::vector<float*> slopes;
};

Pointers& pointers() {
    thread_local Pointers instance;
    return instance;
}

}  // namespace

void LaneConvolution::pack(const float* weight, const float* bias, std::size_t samples) {
    const SamePadding padding = same_padding(samples, shape_.kernel, shape_.stride);
    samples_ = samples;
    output_samples_ = padding.output;
    left_ = padding.left;
    pack_forward(weight, bias);
    pack_backward(weight);
}

void LaneConvolution::pack_forward(const float* weight, const float* bias) {
    const std::size_t taps = in_of_group() * shape_.kernel;
    const std::size_t blocks = blocks_of(out_of_group());
    weights_.assign(shape_.groups * blocks * taps * outputs_at_once, 0.0F);
    bias_.assign(shape_.groups * blocks * outputs_at_once, 0.0F);
    for (std::size_t channel = 0; channel < shape_.out_channels; ++channel) {
        const std::size_t o = channel % out_of_group();
        const std::size_t block = channel / out_of_group() * blocks + o / outputs_at_once;
        bias_[block * outputs_at_once + o % outputs_at_once] = bias[channel];
        float* target = &weights_[block * taps * outputs_at_once + o % outputs_at_once];
        for (std::size_t tap = 0; tap < taps; ++tap)
            target[tap * outputs_at_once] = weight[channel * taps + tap];
    }
}

// x[stride · q + phase] met tap k at output t = q + (phase + left − k) ÷ stride, where that
// divides.
void LaneConvolution::pack_backward(const float* weight) {
    const std::size_t blocks = blocks_of(in_of_group());
    phases_.assign(shape_.stride, {});
    for (std::size_t p = 0; p < shape_.stride; ++p) {
        Phase& phase = phases_[p];
        std::vector<std::size_t> taps;
        for (std::size_t k = (p + left_) % shape_.stride; k < shape_.kernel; k += shape_.stride) {
            taps.push_back(k);
            phase.shifts.push_back(
                (static_cast<std::ptrdiff_t>(p + left_) - static_cast<std::ptrdiff_t>(k)) /
                static_cast<std::ptrdiff_t>(shape_.stride));
        }
        const std::size_t rows = out_of_group() * taps.size();
        phase.weights.assign(shape_.groups * blocks * rows * outputs_at_once, 0.0F);
        for (std::size_t channel = 0; channel < shape_.out_channels; ++channel) {
            const std::size_t first_row = channel % out_of_group() * taps.size();
            for (std::size_t i = 0; i < in_of_group(); ++i) {
                const std::size_t block = channel / out_of_group() * blocks + i / outputs_at_once;
                float* target = &phase.weights[(block * rows + first_row) * outputs_at_once +
                                               i % outputs_at_once];
                const float* source = weight + (channel * in_of_group() + i) * shape_.kernel;
                for (std::size_t tap = 0; tap < taps.size(); ++tap)
                    target[tap * outputs_at_once] = source[taps[tap]];
            }
        }
    }
}

void LaneConvolution::tap_rows(const LanePlane& x, std::size_t group,
                               std::vector<const float*>& rows) const {
    rows.clear();
    for (std::size_t i = 0; i < in_of_group(); ++i) {
        const float* row = x.row(group * in_of_group() + i) - left_ * lanes;
        for (std::size_t k = 0; k < shape_.kernel; ++k) rows.push_back(row + k * lanes);
    }
}

void LaneConvolution::run(const LanePlane& x, const LanePlane& y, const LanePlane* slopes) const {
    Pointers& at = pointers();
    const std::size_t taps = in_of_group() * shape_.kernel;
    const std::size_t block_outputs = blocks_of(out_of_group()) * outputs_at_once;
    for (std::size_t group = 0; group < shape_.groups; ++group) {
        tap_rows(x, group, at.rows);
        at.outputs.clear();
        at.slopes.clear();
        for (std::size_t o = 0; o < out_of_group(); ++o) {
            at.outputs.push_back(y.row(group * out_of_group() + o));
            if (slopes != nullptr) at.slopes.push_back(slopes->row(group * out_of_group() + o));
        }
        lane_kernels::combine(
            {weights_.data() + group * block_outputs * taps, bias_.data() + group * block_outputs,
             at.rows.data(), taps, shape_.stride * lanes, at.outputs.data(), out_of_group(), lanes,
             at.slopes.data(), output_samples_,
             slopes != nullptr ? lane_kernels::Finish::swish : lane_kernels::Finish::plain});
    }
}

void LaneConvolution::forward(const LanePlane& x, const LanePlane& y) const {
    run(x, y, nullptr);
}

void LaneConvolution::forward_swish(const LanePlane& x, const LanePlane& y,
                                    const LanePlane& slopes) const {
    run(x, y, &slopes);
}

void LaneConvolution::add_weight_gradient(const LanePlane& gradient, const LanePlane& x,
                                          float* gradient_weight, float* gradient_bias) const {
    Pointers& at = pointers();
    const std::size_t taps = in_of_group() * shape_.kernel;
    std::vector<const float*> left(out_of_group());
    for (std::size_t group = 0; group < shape_.groups; ++group) {
        tap_rows(x, group, at.rows);
        const std::size_t first = group * out_of_group();
        for (std::size_t o = 0; o < out_of_group(); ++o) {
            left[o] = gradient.row(first + o);
            gradient_bias[first + o] += lane_kernels::row_sum(left[o], output_samples_);
        }
        lane_kernels::add_products({left.data(), out_of_group(), at.rows.data(), taps,
                                    shape_.stride * lanes, output_samples_,
                                    gradient_weight + first * taps, taps});
    }
}

void LaneConvolution::input_gradient(const LanePlane& gradient, const LanePlane* slopes,
                                     const LanePlane& gradient_x) const {
    Pointers& at = pointers();
    const std::size_t block_inputs = blocks_of(in_of_group()) * outputs_at_once;
    for (std::size_t p = 0; p < shape_.stride && p < samples_; ++p) {
        const Phase& phase = phases_[p];
        const std::size_t row_count = out_of_group() * phase.shifts.size();
        for (std::size_t group = 0; group < shape_.groups; ++group) {
            at.rows.clear();
            for (std::size_t o = 0; o < out_of_group(); ++o) {
                const float* row = gradient.row(group * out_of_group() + o);
                for (const std::ptrdiff_t shift : phase.shifts)
                    at.rows.push_back(row + shift * static_cast<std::ptrdiff_t>(lanes));
            }
            at.outputs.clear();
            at.slopes.clear();
            for (std::size_t i = 0; i < in_of_group(); ++i) {
                const std::size_t channel = group * in_of_group() + i;
                at.outputs.push_back(gradient_x.row(channel) + p * lanes);
                if (slopes != nullptr) at.slopes.push_back(slopes->row(channel) + p * lanes);
            }
            lane_kernels::combine({phase.weights.data() + group * block_inputs * row_count, nullptr,
                                   at.rows.data(), row_count, lanes, at.outputs.data(),
                                   in_of_group(), shape_.stride * lanes, at.slopes.data(),
                                   (samples_ - p + shape_.stride - 1) / shape_.stride,
                                   slopes != nullptr ? lane_kernels::Finish::times_slope
                                                     : lane_kernels::Finish::plain});
        }
    }
}

}  // namespace clef
