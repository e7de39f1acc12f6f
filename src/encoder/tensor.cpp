#include "encoder/tensor.hpp"

#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.hpp"

namespace clef {

std::size_t element_size(ElementType type) {
    switch (type) {
        case ElementType::float64:
        case ElementType::int64:
            return 8;
        case ElementType::float32:
        case ElementType::int32:
            return 4;
        case ElementType::float16:
        case ElementType::bfloat16:
            return 2;
        case ElementType::uint8:
            return 1;
    }
    return 0;
}

std::string_view element_name(ElementType type) {
    switch (type) {
        case ElementType::float32:
            return "float32";
        case ElementType::float16:
            return "float16";
        case ElementType::bfloat16:
            return "bfloat16";
        case ElementType::float64:
            return "float64";
        case ElementType::int64:
            return "int64";
        case ElementType::int32:
            return "int32";
        case ElementType::uint8:
            return "uint8";
    }
    return "unknown";
}

std::string shape_text(const Shape& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
}

std::size_t element_count(const Shape& shape) {
    std::size_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0) fail_input("shape {} has a negative dimension", shape_text(shape));
        const auto factor = static_cast<std::size_t>(size);
        // 2^56 elements exceed any memory and still leave room to multiply by an element's size.
        if (factor != 0 && count > (std::size_t{1} << 56) / factor) {
            fail_input("shape {} has more elements than any memory holds", shape_text(shape));
        }
        count *= factor;
    }
    return count;
}

Tensor Tensor::zeros(Shape shape, ElementType type) {
    const std::size_t bytes = element_count(shape) * element_size(type);
    return {type, std::move(shape), std::vector<std::byte>(bytes)};
}

Tensor Tensor::from(Shape shape, std::span<const float> values) {
    Tensor tensor = zeros(std::move(shape));
    assert(tensor.data.size() == values.size_bytes());
    if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), values.size_bytes());
    return tensor;
}

std::span<const float> Tensor::floats() const {
    assert(type == ElementType::float32);
    return {reinterpret_cast<const float*>(data.data()), data.size() / sizeof(float)};
}

std::span<float> Tensor::floats() {
    assert(type == ElementType::float32);
    return {reinterpret_cast<float*>(data.data()), data.size() / sizeof(float)};
}

}  // namespace clef
