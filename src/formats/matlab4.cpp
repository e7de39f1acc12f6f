#include "formats/matlab4.hpp"

#include <cstring>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace clef {

namespace {

constexpr std::size_t header_bytes = 20;

std::uint32_t word_at(std::span<const std::byte> file, std::size_t position) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= std::to_integer<std::uint32_t>(file[position + i]) << (8 * i);
    }
    return value;
}

// The "type" word of a little-endian full matrix whose numbers are stored as this WFDB format says.
std::optional<std::uint32_t> type_of(int format) {
    switch (format) {
        case 16:
            return 30;
        case 32:
            return 20;
        case 80:
            return 50;
        default:
            return std::nullopt;
    }
}

}  // namespace

void check_matlab4(std::span<const std::byte> file, const std::filesystem::path& path,
                   const Matlab4Expectation& expected) {
    const std::string name = path.string();
    if (file.size() < header_bytes) {
        fail_input("{}: {} bytes, too short for a MATLAB level 4 file", name, file.size());
    }
    const std::string_view magic(reinterpret_cast<const char*>(file.data()), 6);
    if (magic == "MATLAB") {
        fail_input("{}: a MATLAB level 5 (or later) file, but its WFDB header describes level 4",
                   name);
    }
    const std::uint32_t type = word_at(file, 0);
    const std::optional<std::uint32_t> wanted = type_of(expected.format);
    if (wanted && type != *wanted) {
        fail_input("{}: byte 0: MATLAB number type {}, expected {} for WFDB signal format {}", name,
                   type, *wanted, expected.format);
    }
    const std::uint64_t rows = word_at(file, 4);
    const std::uint64_t columns = word_at(file, 8);
    if (rows != expected.signals) {
        fail_input("{}: the MATLAB matrix has {} rows, but the WFDB header describes {} signals",
                   name, rows, expected.signals);
    }
    if (columns < expected.samples) {
        fail_input("{}: the MATLAB matrix has {} columns, but the WFDB header says {} samples",
                   name, columns, expected.samples);
    }
    if (word_at(file, 12) != 0) fail_input("{}: the MATLAB matrix holds complex numbers", name);
    const std::uint64_t begin = header_bytes + std::uint64_t{word_at(file, 16)};
    if (begin != expected.byte_offset) {
        fail_input("{}: MATLAB data begin at byte {}, but the WFDB header says {}", name, begin,
                   expected.byte_offset);
    }
}

}  // namespace clef
