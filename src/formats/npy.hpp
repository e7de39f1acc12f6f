// NumPy's .npy files: little-endian float32, C order. Written as version 1.0, with the header NumPy
// itself would write, byte for byte; read in versions 1 to 3, up to eight dimensions.
// Source: NumPy Enhancement Proposal 1 and numpy.lib.format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace clef {

struct NpyArray {
    std::vector<std::size_t> shape;
    std::vector<float> values;  // row-major
};

// Reads float32 or float64 (narrowed), little-endian, C order; anything else is an InputError that
// says what was found.
NpyArray read_npy(const std::filesystem::path& path);

// Writes atomically. The product of the shape must be the number of values.
void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<std::size_t>& shape);

// The header alone, padded as NumPy pads it: for writers that stream rows.
std::string npy_header(const std::vector<std::size_t>& shape);

}  // namespace clef
