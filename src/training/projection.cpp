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

}  // namespace

ProjectionHead::ProjectionHead(const std::string& name, int layers, std::int64_t in,
                               std::int64_t width, std::int64_t out, std::uint64_t seed) {
    for (int layer = 0; layer < layers; ++layer) {
        const std::int64_t outputs = layer + 1 == layers ? out : width;
        const std::string weight = fmt::format("{}.{}.weight", name, layer);
        const std::string bias = fmt::format("{}.{}.bias", name, layer);
        tensors_.emplace_back(weight, uniform({outputs, in}, in, seed, weight));
        tensors_.emplace_back(bias, uniform({outputs}, in, seed, bias));
        in = outputs;
    }
}

torch::Tensor ProjectionHead::forward(torch::Tensor x) const {
    for (std::size_t i = 0; i < tensors_.size(); i += 2) {
        if (i != 0) x = swish(x);
        x = torch::linear(x, tensors_[i].second, tensors_[i + 1].second);
    }
    return x;
}

}  // namespace clef
