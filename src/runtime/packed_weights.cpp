#include "runtime/packed_weights.hpp"

namespace clef {

std::vector<float> copied(Weights& weights, const std::string& name) {
    const auto values = weights.at(name).floats();
    std::vector<float> copy(values.begin(), values.end());
    weights.done_with(name);
    return copy;
}

kernels::PackedMatrix packed_linear(Weights& weights, const std::string& weight,
                                    const std::string& bias) {
    const Tensor& tensor = weights.at(weight);
    kernels::PackedMatrix packed = kernels::pack_linear(
        tensor.floats().data(), bias.empty() ? nullptr : weights.at(bias).floats().data(),
        static_cast<std::size_t>(tensor.shape[0]), static_cast<std::size_t>(tensor.shape[1]));
    weights.done_with(weight);
    if (!bias.empty()) weights.done_with(bias);
    return packed;
}

kernels::PackedMatrix packed_together(Weights& weights, const std::array<std::string, 3>& names) {
    std::vector<float> values;
    std::size_t in = 0;
    for (const std::string& name : names) {
        const Tensor& weight = weights.at(name);
        in = static_cast<std::size_t>(weight.shape[1]);
        const auto own = weight.floats();
        values.insert(values.end(), own.begin(), own.end());
        weights.done_with(name);
    }
    return kernels::pack_linear(values.data(), nullptr, values.size() / in, in);
}

}  // namespace clef
