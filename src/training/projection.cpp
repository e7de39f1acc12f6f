#include "training/projection.hpp"

#include <cmath>
#include <fmt/format.h>

#include "base/random.hpp"
#include "training/net1d_module.hpp"

namespace clef {

namespace {

torch::Tensor uniform(const std::vector<std::int64_t>& shape, std::int64_t fan_in,
                      std::uint64_t seed, const std::string& name) {
    torch::Tensor tensor = torch::empty(shape);
    Random random(seed, "weights:" + name);
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    auto* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        values[i] = static_cast<float>(random.uniform(-bound, bound));
    }
    return tensor;
}

torch::Tensor batch_normalised(const torch::Tensor& x, const torch::Tensor& weight,
                               const torch::Tensor& bias) {
    const torch::Tensor views = x.reshape({2, x.size(0) / 2, x.size(1)});
    const torch::Tensor centred = views - views.mean(1, true);
    const torch::Tensor deviation = (centred.square().mean(1, true) + 1e-5).sqrt();
    return (centred / deviation).reshape(x.sizes()) * weight + bias;
}

}  // namespace

ProjectionHead::ProjectionHead(const std::string& name, int layers, std::int64_t in,
                               std::int64_t width, std::int64_t out, std::uint64_t seed,
                               bool batch_norm) {
    for (int i = 0; i < layers; ++i) {
        const bool last = i + 1 == layers;
        const std::int64_t outputs = last ? out : width;
        Layer layer;
        layer.name = fmt::format("{}.{}", name, i);
        layer.weight = uniform({outputs, in}, in, seed, layer.name + ".weight");
        layer.bias = uniform({outputs}, in, seed, layer.name + ".bias");
        if (batch_norm && !last) {
            layer.norm_weight = torch::ones({outputs});
            layer.norm_bias = torch::zeros({outputs});
        }
        layers_.push_back(std::move(layer));
        in = outputs;
    }
}

torch::Tensor ProjectionHead::forward(torch::Tensor x) const {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const Layer& layer = layers_[i];
        if (i != 0) x = swish(x);
        x = torch::linear(x, layer.weight, layer.bias);
        if (layer.norm_weight.defined()) {
            x = batch_normalised(x, layer.norm_weight, layer.norm_bias);
        }
    }
    return x;
}

std::vector<std::pair<std::string, torch::Tensor>> ProjectionHead::trained() const {
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const Layer& layer : layers_) {
        tensors.emplace_back(layer.name + ".weight", layer.weight);
        tensors.emplace_back(layer.name + ".bias", layer.bias);
        if (!layer.norm_weight.defined()) continue;
        tensors.emplace_back(layer.name + ".norm.weight", layer.norm_weight);
        tensors.emplace_back(layer.name + ".norm.bias", layer.norm_bias);
    }
    return tensors;
}

ProjectionHead ProjectionHead::copy() const {
    ProjectionHead other = *this;
    for (Layer& layer : other.layers_) {
        for (torch::Tensor* tensor :
             {&layer.weight, &layer.bias, &layer.norm_weight, &layer.norm_bias}) {
            if (tensor->defined()) *tensor = tensor->detach().clone();
        }
    }
    return other;
}

}  // namespace clef
