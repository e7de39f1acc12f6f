#include "formats/matlab_elements.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <vector>
#include <zlib.h>

#include "base/error.hpp"

namespace clef {

namespace {

std::uint32_t word_at(std::span<const std::byte> file, std::size_t place, bool big_endian) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t from = big_endian ? i : 3 - i;
        word = word << 8 | std::to_integer<std::uint32_t>(file[place + from]);
    }
    return word;
}

// Inflates to the end, where the checksum is; keeps nothing.
void check_deflated(std::span<const std::byte> bytes, const std::string& where) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) fail_input("{}: zlib does not start", where);
    std::vector<unsigned char> block(std::size_t{1} << 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int state = Z_OK;
    while (state == Z_OK) {
        stream.next_out = block.data();
        stream.avail_out = static_cast<uInt>(block.size());
        state = inflate(&stream, Z_NO_FLUSH);
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) {
        fail_input("{}: the compressed data are damaged or cut off", where);
    }
}

// Elements one after the other: 4 bytes of type, 4 of length, and the data.
void check_level_5(std::span<const std::byte> file, const std::string& name) {
    constexpr std::size_t header = 128;
    constexpr std::uint32_t compressed = 15;
    const bool big_endian = std::to_integer<char>(file[header - 2]) == 'M';
    for (std::size_t place = header; place < file.size();) {
        const bool whole = file.size() - place >= 8;
        const std::uint64_t bytes = whole ? word_at(file, place + 4, big_endian) : 0;
        if (!whole || bytes > file.size() - place - 8) {
            fail_input(
                "{}: byte {}: an element of {} bytes, but the file ends before; is it cut off?",
                name, place, bytes);
        }
        if (word_at(file, place, big_endian) == compressed) {
            check_deflated(file.subspan(place + 8, bytes), fmt::format("{}: byte {}", name, place));
        }
        place += 8 + bytes;
    }
}

// The one matrix after the other of level 4: 20 bytes, name, real and imaginary numbers.
void check_level_4(std::span<const std::byte> file, const std::string& name) {
    constexpr std::size_t header = 20;
    constexpr std::array<std::uint64_t, 6> sizes{8, 4, 4, 2, 2, 1};
    for (std::size_t place = 0; place < file.size();) {
        if (file.size() - place < header) fail_input("{}: byte {}: cut off", name, place);
        const auto word = [&](std::size_t i) { return word_at(file, place + 4 * i, false); };
        const std::uint32_t type = word(0) / 10 % 10;
        const double bytes = type < sizes.size()
                                 ? static_cast<double>(word(1)) * word(2) *
                                       static_cast<double>(sizes[type]) * (word(3) == 0 ? 1 : 2)
                                 : 0;
        const double end = static_cast<double>(place) + header + word(4) + bytes;
        if (type >= sizes.size() || end > static_cast<double>(file.size())) {
            fail_input(
                "{}: byte {}: a matrix of {} × {} numbers, but the file ends before; is it "
                "cut off?",
                name, place, word(1), word(2));
        }
        place = static_cast<std::size_t>(end);
    }
}

}  // namespace

void check_matlab_elements(std::span<const std::byte> file, const std::string& name) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (!text.starts_with("MATLAB ")) {
        check_level_4(file, name);
    } else if (!text.starts_with("MATLAB 7.3")) {  // HDF5 looks after itself
        if (file.size() < 128) fail_input("{}: cut off within its header", name);
        check_level_5(file, name);
    }
}

}  // namespace clef
