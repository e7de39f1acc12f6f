#include "encoder/procedural.hpp"

#include <cmath>
#include <cstdint>

namespace clef {

namespace {

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

std::uint64_t mix(std::uint64_t x) {
    std::uint64_t z = x + 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

double uniform(std::uint64_t base, std::size_t i) {
    return static_cast<double>(mix(base + i) >> 11) * 0x1p-53 * 2 - 1;
}

std::uint64_t base_of(std::string_view name) {
    return std::uint64_t{crc32(name)} << 32;
}

}  // namespace

std::vector<float> procedural_values(std::string_view name, std::size_t count) {
    std::vector<float> values(count);
    const std::uint64_t base = base_of(name);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(uniform(base, i));
    return values;
}

Tensor procedural_tensor(const TensorSpec& spec) {
    Tensor tensor = Tensor::zeros(spec.shape, spec.type);
    if (spec.type != ElementType::float32) return tensor;
    const auto values = tensor.floats();
    const std::uint64_t base = base_of(spec.name);
    double offset = 0;
    double scale = 0.1;
    if (spec.shape.size() > 1) {
        const auto fan = static_cast<double>(values.size()) / static_cast<double>(spec.shape[0]);
        scale = std::sqrt(3.0 / fan) * std::sqrt(2.0);
    } else if (spec.name.ends_with(".weight")) {
        offset = 1;
    }
    const bool variance = spec.name.ends_with("running_var");
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double u = uniform(base, i);
        values[i] = static_cast<float>(variance ? 1 + 0.5 * std::abs(u) : offset + scale * u);
    }
    return tensor;
}

Model procedural_model(const std::string& architecture, int leads) {
    Model model = empty_model(architecture, leads);
    for (const TensorSpec& spec : model_tensors(model)) {
        model.tensors[spec.name] = procedural_tensor(spec);
    }
    return model;
}

}  // namespace clef
