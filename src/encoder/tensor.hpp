// A named tensor as it lies in a model file: element type, shape, bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

enum class ElementType { float32, float16, bfloat16, float64, int64, int32, uint8 };

std::size_t element_size(ElementType type);
std::string_view element_name(ElementType type);  // "float32", …

using Shape = std::vector<std::int64_t>;

std::string shape_text(const Shape& shape);  // "(32, 1, 16)"

// Number of elements; an InputError where a dimension is negative or the product overflows.
std::size_t element_count(const Shape& shape);

// Row-major. Value semantics; safe to read from several threads.
struct Tensor {
    ElementType type = ElementType::float32;
    Shape shape;
    std::vector<std::byte> data;

    static Tensor zeros(Shape shape, ElementType type = ElementType::float32);
    static Tensor from(Shape shape, std::span<const float> values);

    // Views of the elements; the type must be float32.
    std::span<const float> floats() const;
    std::span<float> floats();
};

// What a tensor of an encoder must be like.
struct TensorSpec {
    std::string name;
    Shape shape;
    ElementType type = ElementType::float32;
};

// Sorted by name, so that files written from it are the same every time.
using Tensors = std::map<std::string, Tensor>;

}  // namespace clef
