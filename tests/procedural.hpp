// The procedural weights and inputs that the golden files were computed with (goldens/README.md of
// the shared folder): every value is a hash of the tensor's name and the element's index, so that
// any implementation can be filled with the same numbers without shipping a file.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/model.hpp"

namespace clef::testing {

inline std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

inline std::uint64_t mix(std::uint64_t x) {
    std::uint64_t z = x + 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

// u(NAME, i) for i = 0 … count − 1, each in [−1, 1).
inline std::vector<double> procedural(std::string_view name, std::size_t count) {
    const std::uint64_t base = std::uint64_t{crc32(name)} << 32;
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<double>(mix(base + i) >> 11) / 9007199254740992.0 * 2 - 1;
    }
    return values;
}

inline Tensor procedural_tensor(const TensorSpec& spec) {
    Tensor tensor = Tensor::zeros(spec.shape, spec.type);
    if (spec.type != ElementType::float32) return tensor;
    const auto u = procedural(spec.name, element_count(spec.shape));
    const double fan = spec.shape.size() > 1
                           ? static_cast<double>(u.size()) / static_cast<double>(spec.shape[0])
                           : 1;
    auto values = tensor.floats();
    for (std::size_t i = 0; i < u.size(); ++i) {
        double value = 0.1 * u[i];
        if (spec.shape.size() > 1) {
            value = u[i] * std::sqrt(3.0 / fan) * std::sqrt(2.0);
        } else if (spec.name.ends_with("running_var")) {
            value = 1 + 0.5 * std::abs(u[i]);
        } else if (spec.name.ends_with(".weight")) {
            value = 1 + 0.1 * u[i];
        }
        values[i] = static_cast<float>(value);
    }
    return tensor;
}

inline Model procedural_model(const std::string& architecture, int leads = 1) {
    Model model;
    model.architecture = architecture;
    model.shape = architecture_shape(architecture, leads);
    model.recipe = clef_recipe(leads);
    for (const TensorSpec& spec : net1d_tensors(model.shape)) {
        model.tensors[spec.name] = procedural_tensor(spec);
    }
    return model;
}

inline std::vector<float> procedural_input(const std::string& key, std::size_t count) {
    const auto u = procedural("input." + key, count);
    return {u.begin(), u.end()};
}

// Largest difference over the largest magnitude of the expected output: what the goldens'
// tolerances are stated in. Infinite where the sizes differ.
inline double relative_error(std::span<const float> found, const std::vector<double>& expected) {
    if (found.size() != expected.size()) return std::numeric_limits<double>::infinity();
    double difference = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        difference = std::max(difference, std::abs(found[i] - expected[i]));
        magnitude = std::max(magnitude, std::abs(expected[i]));
    }
    return difference / magnitude;
}

}  // namespace clef::testing
