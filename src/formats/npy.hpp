// NumPy's .npy files: little-endian float32, C order. Written as version 1.0, with the header NumPy
// itself would write, byte for byte; read in versions 1 to 3, up to eight dimensions.
// Source: NumPy Enhancement Proposal 1 and numpy.lib.format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

struct NpyArray {
    std::vector<std::size_t> shape;
    std::vector<float> values;  // row-major
};

// Reads float32 or float64 (narrowed), little-endian, C order; anything else is an InputError that
// says what was found.
NpyArray read_npy(const std::filesystem::path& path);

// What stands in front of the values.
struct NpyHeader {
    std::string type;  // NumPy's "descr": "<f4", ">i2", "|u1"
    bool fortran_order = false;
    std::vector<std::size_t> shape;
    std::size_t data_begins = 0;  // byte
};

// `text`: all bytes of the file; `file` for messages. Errors: InputError.
NpyHeader parse_npy_header(std::string_view text, const std::string& file);

// The product of the shape; an InputError when `bytes` bytes do not hold so many values.
std::size_t count_npy_values(const NpyHeader& header, std::size_t bytes, std::size_t value_bytes,
                             const std::string& file);

// Writes atomically. The product of the shape must be the number of values.
void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<std::size_t>& shape);

// The header alone, padded as NumPy pads it: for writers that stream rows.
std::string npy_header(const std::vector<std::size_t>& shape);

}  // namespace clef
