#include "encoder/stored_tensor.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace clef {

namespace {

// An expanded view may be larger than its storage, but not without end: 64 MiB of elements.
constexpr std::size_t most_expanded = std::size_t{1} << 26;

bool is_contiguous(const StoredTensor& tensor) {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
        expected *= tensor.shape[i];
    }
    return true;
}

void swap_elements(std::vector<std::byte>& data, std::size_t size) {
    for (auto it = data.begin(); it != data.end(); it += static_cast<std::ptrdiff_t>(size)) {
        std::reverse(it, it + static_cast<std::ptrdiff_t>(size));
    }
}

// Row-major walk over all indices, the source position kept beside them.
void gather(const StoredTensor& tensor, std::vector<std::byte>& target) {
    const std::size_t size = tensor.element_bytes;
    std::vector<std::int64_t> index(tensor.shape.size(), 0);
    std::uint64_t position = tensor.offset;
    for (std::size_t written = 0; written < target.size(); written += size) {
        std::memcpy(target.data() + written, tensor.storage.data() + position * size, size);
        for (std::size_t i = index.size(); i-- > 0;) {
            const auto stride = static_cast<std::uint64_t>(tensor.strides[i]);
            position += stride;
            if (++index[i] < tensor.shape[i]) break;
            position -= stride * static_cast<std::uint64_t>(index[i]);
            index[i] = 0;
        }
    }
}

template <typename Source, typename Convert>
Tensor converted(const Tensor& tensor, Convert convert) {
    Tensor result = Tensor::zeros(tensor.shape);
    auto target = result.floats();
    for (std::size_t i = 0; i < target.size(); ++i) {
        Source value{};
        std::memcpy(&value, tensor.data.data() + i * sizeof value, sizeof value);
        target[i] = convert(value);
    }
    return result;
}

}  // namespace

float float_of_half(std::uint16_t bits) {
    const std::uint32_t sign = std::uint32_t{bits & 0x8000U} << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1FU;
    const std::uint32_t fraction = bits & 0x3FFU;
    if (exponent == 0) {  // zero or subnormal: fraction · 2⁻²⁴, exact in float32
        const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide = exponent == 0x1F ? 0xFFU : exponent + 127 - 15;
    return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float float_of_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

void check_bounds(const StoredTensor& tensor, const std::string& what) {
    if (tensor.shape.size() > 64 || tensor.strides.size() != tensor.shape.size()) {
        fail_input("{}: {} dimensions and {} strides, expected as many of both, at most 64", what,
                   tensor.shape.size(), tensor.strides.size());
    }
    std::size_t count = 0;
    try {
        count = element_count(tensor.shape);
    } catch (const InputError& error) {
        fail_input("{}: {}", what, error.what());
    }
    if (count == 0) return;
    const std::uint64_t stored =
        tensor.element_bytes == 0 ? 0 : tensor.storage.size() / tensor.element_bytes;
    std::uint64_t last = tensor.offset;
    bool inside = last < stored;
    for (std::size_t i = 0; inside && i < tensor.shape.size(); ++i) {
        const std::int64_t stride = tensor.strides[i];
        if (stride < 0) fail_input("{}: negative stride {}", what, stride);
        std::uint64_t step = 0;
        const auto steps = static_cast<std::uint64_t>(tensor.shape[i] - 1);
        inside = !__builtin_mul_overflow(static_cast<std::uint64_t>(stride), steps, &step) &&
                 !__builtin_add_overflow(last, step, &last) && last < stored;
    }
    if (!inside) {
        fail_input(
            "{}: shape {}, strides {} and offset {} leave its storage of {} elements; the file is "
            "damaged or forged",
            what, shape_text(tensor.shape), shape_text(tensor.strides), tensor.offset, stored);
    }
}

Tensor read_tensor(const StoredTensor& tensor, const std::string& what) {
    if (!tensor.type) fail_input("{}: element type {} is not read", what, tensor.type_name);
    check_bounds(tensor, what);
    const std::size_t count = element_count(tensor.shape);
    const std::size_t stored = tensor.storage.size() / tensor.element_bytes;
    if (count > std::max(stored, most_expanded)) {
        fail_input("{}: {} elements over a storage of {}", what, count, stored);
    }
    Tensor result;
    result.type = *tensor.type;
    result.shape = tensor.shape;
    if (count > 0 && is_contiguous(tensor)) {
        const auto bytes = tensor.storage.subspan(tensor.offset * tensor.element_bytes,
                                                  count * tensor.element_bytes);
        result.data.assign(bytes.begin(), bytes.end());
    } else {
        result.data.resize(count * tensor.element_bytes);
        gather(tensor, result.data);
    }
    if (tensor.big_endian) swap_elements(result.data, tensor.element_bytes);
    return result;
}

Tensor to_float32(Tensor tensor, const std::string& what) {
    switch (tensor.type) {
        case ElementType::float16:
            return converted<std::uint16_t>(tensor, float_of_half);
        case ElementType::bfloat16:
            return converted<std::uint16_t>(tensor, float_of_bfloat16);
        case ElementType::float64:
            return converted<double>(tensor, [&what](double value) {
                constexpr double largest = 0x1.fffffefffffffp127;  // rounds to a finite float32
                if (std::isfinite(value) && std::abs(value) > largest) {
                    fail_input("{}: {} is beyond float32", what, value);
                }
                return static_cast<float>(value);
            });
        default:
            return tensor;
    }
}

Tensor to_int64(Tensor tensor, const std::string& what) {
    const Tensor numbers = to_float32(std::move(tensor), what);
    if (numbers.type != ElementType::float32) return numbers;
    constexpr float limit = 0x1p62F;
    Tensor result = Tensor::zeros(numbers.shape, ElementType::int64);
    const auto values = numbers.floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(std::abs(values[i]) < limit) || values[i] != std::trunc(values[i])) {
            fail_input("{}: {} is no whole number", what, values[i]);
        }
        const auto whole = static_cast<std::int64_t>(values[i]);
        std::memcpy(result.data.data() + i * sizeof whole, &whole, sizeof whole);
    }
    return result;
}

}  // namespace clef
