// Numbers of a matrix, wherever they lie, as leads: for formats that hold nothing but a matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/recording.hpp"
#include "formats/settled_reader.hpp"

namespace clef {

// How one number is stored.
struct NumberType {
    char kind = 'f';  // 'f' IEEE float, 'i' two's complement, 'u' unsigned
    std::size_t bytes = 4;
    bool big_endian = false;
};

// Of NumPy's "<f4", ">i2", "|u1"; nothing for types that are no plain numbers.
std::optional<NumberType> parse_number_type(const std::string& descr);

double number_at(const std::byte* data, const NumberType& type);

// Where the numbers of a matrix lie: lead l, sample s at data + (l · lead_stride + s ·
// sample_stride) · type.bytes. The caller has checked that all lie within the file.
struct MatrixNumbers {
    const std::byte* data = nullptr;
    NumberType type;
    std::uint64_t lead_stride = 0;
    std::uint64_t sample_stride = 0;
};

// Samples [from, to) of some of the settled signals.
std::vector<Lead> read_matrix(const MatrixNumbers& numbers, const SettledSignals& settled,
                              std::span<const std::size_t> signals, std::uint64_t from,
                              std::uint64_t to);

}  // namespace clef
