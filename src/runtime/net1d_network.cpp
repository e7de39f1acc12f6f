#include <algorithm>
#include <cmath>

#include "runtime/dense.hpp"
#include "runtime/kernels.hpp"
#include "runtime/network.hpp"
#include "runtime/plane.hpp"

namespace clef {

namespace {

using kernels::PackedConvolution;

struct Workspace {
    Plane input;
    Plane current;    // the residual stream
    Plane activated;  // its swish between blocks; within one, the second convolution's
    Plane middle;
    Plane output;
    Plane shortcut;
    std::vector<float> phases;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

struct Linear {
    kernels::PackedMatrix matrix;

    std::vector<float> apply(const std::vector<float>& x) const {
        std::vector<float> y(matrix.out);
        kernels::multiply(matrix, x.data(), matrix.in, 1, y.data(), matrix.out);
        return y;
    }
};

struct Block {
    Net1dBlock shape;
    PackedConvolution conv1;
    PackedConvolution conv2;
    PackedConvolution conv3;
    Linear excite1;
    Linear excite2;
};

float sigmoid(float x) {
    return 1.0F / (1.0F + std::exp(-x));
}

PackedConvolution convolution(Weights& weights, const std::string& prefix, std::size_t groups,
                              std::size_t stride) {
    const Tensor& weight = weights.at(prefix + "conv.weight");
    const auto size = [&weight](int i) { return static_cast<std::size_t>(weight.shape[i]); };
    PackedConvolution packed =
        kernels::pack(weight.floats().data(), weights.at(prefix + "conv.bias").floats().data(),
                      size(0), size(1) * groups, groups, size(2), stride);
    weights.done_with(prefix + "conv.weight");
    return packed;
}

Linear linear(Weights& weights, const std::string& prefix) {
    const Tensor& weight = weights.at(prefix + "weight");
    Linear layer{kernels::pack_linear(
        weight.floats().data(), weights.at(prefix + "bias").floats().data(),
        static_cast<std::size_t>(weight.shape[0]), static_cast<std::size_t>(weight.shape[1]))};
    weights.done_with(prefix + "weight");
    return layer;
}

void run_convolution(const PackedConvolution& layer, Plane& input, Plane& output, Workspace& work,
                     kernels::Activation activation = kernels::Activation::none) {
    const std::size_t samples = same_padding(input.samples, layer.kernel, layer.stride).output;
    output.resize(layer.out_channels, samples);
    if (layer.kernel == 1 && layer.stride == 1) {
        kernels::convolve(layer, input.values.data(), input.stride, output.values.data(), samples,
                          output.stride, activation);
        return;
    }
    const std::size_t row = kernels::phase_stride(layer, samples);
    work.phases.resize(layer.in_channels * layer.stride * row);
    kernels::split_phases(layer, input.values.data(), input.samples, input.stride,
                          work.phases.data(), samples);
    kernels::convolve(layer, work.phases.data(), row, output.values.data(), samples, output.stride,
                      activation);
}

// Max-pool with kernel = stride and zero SAME padding, channels placed in the middle of the wider
// output and zeros around them.
void run_shortcut(const Net1dBlock& block, Plane& input, Plane& output, std::size_t samples) {
    output.resize(static_cast<std::size_t>(block.out_channels), samples);
    std::fill_n(output.values.data(), output.size(), 0.0F);
    const auto stride = static_cast<std::size_t>(block.stride);
    const std::size_t left = same_padding(input.samples, stride, stride).left;
    const std::size_t first = (output.channels - input.channels) / 2;
    for (std::size_t channel = 0; channel < input.channels; ++channel) {
        const float* source = input.row(channel);
        float* target = output.row(first + channel);
        std::size_t t = 0;
        if (stride == 2 && left == 0) {
            t = input.samples / 2;
            kernels::max_of_pairs(source, target, t);
        }
        for (; t < samples; ++t) {
            const std::size_t begin = t * stride;
            float highest =
                begin < left || begin + stride > input.samples + left ? 0.0F : source[begin - left];
            for (std::size_t k = 0; k < stride; ++k) {
                const std::size_t i = begin + k;
                if (i >= left && i - left < input.samples)
                    highest = std::max(highest, source[i - left]);
            }
            target[t] = highest;
        }
    }
}

// work.current and, but for the very first block, its swish in work.activated → the same of the
// next block.
void run_block(const Block& block, Workspace& work, bool last) {
    const auto swish = kernels::Activation::swish;
    Plane& first_input = block.shape.first ? work.current : work.activated;
    run_convolution(block.conv1, first_input, work.middle, work, swish);
    run_convolution(block.conv2, work.middle, work.activated, work, swish);
    run_convolution(block.conv3, work.activated, work.output, work);

    std::vector<float> squeezed(work.output.channels);
    for (std::size_t c = 0; c < squeezed.size(); ++c) {
        squeezed[c] = kernels::mean(work.output.row(c), work.output.samples);
    }
    std::vector<float> hidden = block.excite1.apply(squeezed);
    for (float& value : hidden) value *= sigmoid(value);
    const std::vector<float> gates = block.excite2.apply(hidden);

    Plane* shortcut = &work.current;
    if (block.shape.stride != 1 || block.shape.in_channels != block.shape.out_channels) {
        run_shortcut(block.shape, work.current, work.shortcut, work.output.samples);
        shortcut = &work.shortcut;
    }
    work.activated.resize(work.output.channels, work.output.samples);
    for (std::size_t c = 0; c < gates.size(); ++c) {
        kernels::scale_and_add(work.output.row(c), sigmoid(gates[c]), shortcut->row(c),
                               work.output.stride, last ? nullptr : work.activated.row(c));
    }
    std::swap(work.current, work.output);
}

class Net1dNetwork : public Network {
  public:
    Net1dNetwork(const Net1dShape& shape, Weights& weights);
    std::size_t output_size() const override {
        return static_cast<std::size_t>(shape_.output_size());
    }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    std::vector<float> run(const NetworkInput& input) const override;

  private:
    Net1dShape shape_;
    PackedConvolution stem_;
    std::vector<Block> blocks_;
    Linear dense_;
};

Net1dNetwork::Net1dNetwork(const Net1dShape& shape, Weights& weights)
    : shape_(shape),
      stem_(convolution(weights, "first_conv.", 1, static_cast<std::size_t>(shape.stride))) {
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        blocks_.push_back(
            {block, convolution(weights, block.prefix + "conv1.", 1, 1),
             convolution(weights, block.prefix + "conv2.", static_cast<std::size_t>(block.groups),
                         static_cast<std::size_t>(block.stride)),
             convolution(weights, block.prefix + "conv3.", 1, 1),
             linear(weights, block.prefix + "se_fc1."), linear(weights, block.prefix + "se_fc2.")});
    }
    if (shape.outputs > 0) dense_ = linear(weights, "dense.");
}

std::vector<float> Net1dNetwork::run(const NetworkInput& input) const {
    Workspace& work = workspace();
    work.input.resize(input.channels.size(), input.length);
    for (std::size_t lead = 0; lead < input.channels.size(); ++lead) {
        const auto samples = input.row(lead);
        std::copy(samples.begin(), samples.end(), work.input.row(lead));
    }
    run_convolution(stem_, work.input, work.current, work, kernels::Activation::swish);
    for (const Block& block : blocks_) run_block(block, work, &block == &blocks_.back());
    std::vector<float> embedding(work.current.channels);
    for (std::size_t c = 0; c < embedding.size(); ++c) {
        embedding[c] = kernels::mean(work.current.row(c), work.current.samples);
    }
    return shape_.outputs > 0 ? dense_.apply(embedding) : embedding;
}

}  // namespace

std::unique_ptr<const Network> net1d_network(const Model& model, Weights& weights) {
    return std::make_unique<Net1dNetwork>(model.shape, weights);
}

}  // namespace clef
