// A tensor still in its file: where its elements lie and in what type, as PyTorch describes it
// (storage, offset, size, stride). Nothing is copied until read_tensor() is called, so a checkpoint
// of which two thirds are the optimiser's costs only the third that is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encoder/tensor.hpp"

namespace clef {

struct StoredTensor {
    std::string type_name;            // "float32", "complex64", …
    std::optional<ElementType> type;  // none: a type that this program does not read
    std::size_t element_bytes = 0;
    bool big_endian = false;
    Shape shape;
    std::vector<std::int64_t> strides;   // in elements, one per dimension, none negative
    std::uint64_t offset = 0;            // of the first element, in elements
    std::span<const std::byte> storage;  // whole elements; outlives this object by contract
};

using StoredTensors = std::map<std::string, StoredTensor>;

// InputError where the shape overflows, a stride is negative, or an element lies outside the
// storage. `what` begins the message: "file.ckpt: tensor 'x'".
void check_bounds(const StoredTensor& tensor, const std::string& what);

// The elements, row-major, in their own type. Same errors; also for a type that is not read, and
// for a tensor expanded (stride 0) far beyond what its storage holds.
Tensor read_tensor(const StoredTensor& tensor, const std::string& what);

// float16, bfloat16 and float64 to float32, float32 as it is: exact for the halves, nearest for
// float64. InputError where a finite float64 has no finite float32; other types are returned as
// they are.
Tensor to_float32(Tensor tensor, const std::string& what);

// Whole numbers in a float type to int64; other types as they are. InputError for a value that is
// no whole number.
Tensor to_int64(Tensor tensor, const std::string& what);

float float_of_half(std::uint16_t bits);      // IEEE 754 binary16
float float_of_bfloat16(std::uint16_t bits);  // the upper half of a float32

}  // namespace clef
