// xresnet1d (encoder/xresnet1d.hpp) run forward, each batch norm folded into its convolution.
#include <algorithm>
#include <cmath>

#include "encoder/xresnet1d.hpp"
#include "runtime/kernels.hpp"
#include "runtime/network.hpp"
#include "runtime/plane.hpp"

namespace clef {

namespace {

using kernels::PackedConvolution;

struct Workspace {
    Plane input;
    Plane current;
    Plane first;
    Plane second;
    Plane identity;
    std::vector<float> phases;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

// norm(w · x) = (γ/√(σ² + ε)) w · x + β − μ γ/√(σ² + ε)
PackedConvolution folded(Weights& weights, const Xresnet1dLayer& layer) {
    const auto convolution = weights.at(layer.convolution + "weight").floats();
    const auto numbers = [&](const char* leaf) { return weights.at(layer.norm + leaf).floats(); };
    const auto gamma = numbers("weight");
    const auto beta = numbers("bias");
    const auto mean = numbers("running_mean");
    const auto variance = numbers("running_var");
    const std::size_t outputs = gamma.size();
    const std::size_t taps = convolution.size() / outputs;
    std::vector<float> weight(convolution.size());
    std::vector<float> bias(outputs);
    for (std::size_t o = 0; o < outputs; ++o) {
        const double scale = gamma[o] / std::sqrt(double{variance[o]} + batch_norm_epsilon);
        for (std::size_t i = o * taps; i < (o + 1) * taps; ++i) {
            weight[i] = static_cast<float>(convolution[i] * scale);
        }
        bias[o] = static_cast<float>(beta[o] - mean[o] * scale);
    }
    weights.done_with(layer.convolution + "weight");
    return kernels::pack(
        weight.data(), bias.data(), outputs, static_cast<std::size_t>(layer.in_channels), 1,
        static_cast<std::size_t>(layer.kernel), static_cast<std::size_t>(layer.stride));
}

struct Block {
    std::vector<PackedConvolution> path;
    std::vector<PackedConvolution> identity;
    int stride = 1;
};

void relu(Plane& plane) {
    for (std::size_t i = 0; i < plane.size(); ++i) {
        plane.values[i] = std::max(plane.values[i], 0.0F);
    }
}

void convolve(const PackedConvolution& layer, Plane& input, Plane& output, Workspace& work) {
    const std::size_t samples = (input.samples - 1) / layer.stride + 1;
    output.resize(layer.out_channels, samples);
    if (layer.kernel == 1 && layer.stride == 1) {
        kernels::convolve(layer, input.values.data(), input.stride, output.values.data(), samples,
                          output.stride);
        return;
    }
    const std::size_t row = kernels::phase_stride(layer, samples);
    work.phases.resize(layer.in_channels * layer.stride * row);
    kernels::split_phases(layer, input.values.data(), input.samples, input.stride,
                          work.phases.data(), samples, (layer.kernel - 1) / 2);
    kernels::convolve(layer, work.phases.data(), row, output.values.data(), samples, output.stride);
}

// Kernel 3, stride 2, nothing (rather than zero) beyond the ends.
void max_pool(Plane& input, Plane& output) {
    output.resize(input.channels, (input.samples - 1) / 2 + 1);
    for (std::size_t channel = 0; channel < input.channels; ++channel) {
        const float* source = input.row(channel);
        float* target = output.row(channel);
        for (std::size_t t = 0; t < output.samples; ++t) {
            const std::size_t centre = 2 * t;
            target[t] = source[centre];
            if (centre > 0) target[t] = std::max(target[t], source[centre - 1]);
            if (centre + 1 < input.samples) target[t] = std::max(target[t], source[centre + 1]);
        }
    }
}

// Means of pairs; a last sample without a neighbour stands for itself.
void mean_pool(Plane& input, Plane& output) {
    output.resize(input.channels, (input.samples - 1) / 2 + 1);
    for (std::size_t channel = 0; channel < input.channels; ++channel) {
        const float* source = input.row(channel);
        float* target = output.row(channel);
        for (std::size_t t = 0; t < input.samples / 2; ++t) {
            target[t] = (source[2 * t] + source[2 * t + 1]) / 2;
        }
        if (input.samples % 2 == 1) target[output.samples - 1] = source[input.samples - 1];
    }
}

void run_block(const Block& block, Workspace& work) {
    convolve(block.path[0], work.current, work.first, work);
    relu(work.first);
    convolve(block.path[1], work.first, work.second, work);
    relu(work.second);
    convolve(block.path[2], work.second, work.first, work);
    Plane* identity = &work.current;
    if (block.stride == 2) {
        mean_pool(*identity, work.second);
        identity = &work.second;
    }
    if (!block.identity.empty()) {
        convolve(block.identity[0], *identity, work.identity, work);
        identity = &work.identity;
    }
    for (std::size_t i = 0; i < work.first.size(); ++i) {
        work.first.values[i] = std::max(work.first.values[i] + identity->values[i], 0.0F);
    }
    std::swap(work.current, work.first);
}

class Xresnet1dNetwork : public Network {
  public:
    Xresnet1dNetwork(const Xresnet1dShape& shape, Weights& weights);
    std::size_t output_size() const override {
        return static_cast<std::size_t>(shape_.embedding_size());
    }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    bool takes_fewer_leads() const override { return true; }
    void run(const NetworkInput& input, std::span<float> output) const override;
    std::vector<float> run_time_steps(const NetworkInput& input) const override;
    std::size_t step_size() const override { return output_size(); }

  private:
    // The last feature map, in work.current.
    void run_blocks(const NetworkInput& input, Workspace& work) const;

    Xresnet1dShape shape_;
    std::vector<PackedConvolution> stem_;
    std::vector<Block> blocks_;
};

Xresnet1dNetwork::Xresnet1dNetwork(const Xresnet1dShape& shape, Weights& weights) : shape_(shape) {
    for (const Xresnet1dLayer& layer : xresnet1d_stem(shape)) {
        stem_.push_back(folded(weights, layer));
    }
    for (const Xresnet1dBlock& numbers : xresnet1d_blocks(shape)) {
        Block block;
        block.stride = numbers.stride;
        for (const Xresnet1dLayer& layer : numbers.path) {
            block.path.push_back(folded(weights, layer));
        }
        for (const Xresnet1dLayer& layer : numbers.identity) {
            block.identity.push_back(folded(weights, layer));
        }
        blocks_.push_back(std::move(block));
    }
}

// Leads in their places; those that a window does not hold are zeros.
void Xresnet1dNetwork::run_blocks(const NetworkInput& input, Workspace& work) const {
    work.current.resize(input_leads(), input.length);
    if (input.channels.size() < input_leads()) {
        std::fill_n(work.current.values.data(), work.current.size(), 0.0F);
    }
    for (std::size_t i = 0; i < input.channels.size(); ++i) {
        const auto samples = input.row(i);
        std::copy(samples.begin(), samples.end(), work.current.row(input.channels[i]));
    }
    for (const PackedConvolution& layer : stem_) {
        convolve(layer, work.current, work.first, work);
        relu(work.first);
        std::swap(work.current, work.first);
    }
    max_pool(work.current, work.first);
    std::swap(work.current, work.first);
    for (const Block& block : blocks_) run_block(block, work);
}

std::vector<float> Xresnet1dNetwork::run_time_steps(const NetworkInput& input) const {
    Workspace& work = workspace();
    run_blocks(input, work);
    std::vector<float> steps;
    for (std::size_t t = 0; t < work.current.samples; ++t) {
        for (std::size_t c = 0; c < step_size(); ++c) steps.push_back(work.current.row(c)[t]);
    }
    return steps;
}

void Xresnet1dNetwork::run(const NetworkInput& input, std::span<float> output) const {
    Workspace& work = workspace();
    run_blocks(input, work);
    for (std::size_t c = 0; c < output.size(); ++c) {
        output[c] = kernels::mean(work.current.row(c), work.current.samples);
    }
}

}  // namespace

std::unique_ptr<const Network> xresnet1d_network(const Model& model, Weights& weights) {
    return std::make_unique<Xresnet1dNetwork>(parse_xresnet1d(model.config), weights);
}

}  // namespace clef
