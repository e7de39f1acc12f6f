#include "formats/wfdb_decoders.hpp"

#include <array>
#include <vector>

#include "base/text.hpp"

namespace clef {

namespace {

using Bytes = std::span<const std::byte>;

std::int32_t byte_at(Bytes data, std::uint64_t position) {
    return std::to_integer<std::int32_t>(data[static_cast<std::size_t>(position)]);
}

// The lowest `bits` bits as a two's-complement number.
std::int32_t sign_extend(std::int32_t value, int bits) {
    const std::int32_t sign = 1 << (bits - 1);
    return (value ^ sign) - sign;
}

// Format 16: two bytes, least significant first.
std::uint64_t bytes_for_16(std::uint64_t samples) {
    return 2 * samples;
}
std::uint64_t samples_in_16(std::uint64_t bytes) {
    return bytes / 2;
}
void decode_16(Bytes data, std::uint64_t first, std::uint64_t stride, std::span<std::int32_t> out) {
    std::uint64_t position = 2 * first;
    for (std::int32_t& sample : out) {
        sample = sign_extend(byte_at(data, position) | byte_at(data, position + 1) << 8, 16);
        position += 2 * stride;
    }
}

// Format 212: two 12-bit samples in three bytes. The middle byte holds the high four bits of the
// first in its low half and those of the second in its high half.
std::uint64_t bytes_for_212(std::uint64_t samples) {
    return 3 * (samples / 2) + 2 * (samples % 2);
}
std::uint64_t samples_in_212(std::uint64_t bytes) {
    return 2 * (bytes / 3) + (bytes % 3 == 2 ? 1 : 0);
}
void decode_212(Bytes data, std::uint64_t first, std::uint64_t stride,
                std::span<std::int32_t> out) {
    std::uint64_t index = first;
    for (std::int32_t& sample : out) {
        const std::uint64_t position = 3 * (index / 2);
        const std::int32_t middle = byte_at(data, position + 1);
        const std::int32_t value = index % 2 == 0
                                       ? byte_at(data, position) | (middle & 0x0F) << 8
                                       : byte_at(data, position + 2) | (middle & 0xF0) << 4;
        sample = sign_extend(value, 12);
        index += stride;
    }
}

constexpr std::array decoders{
    WfdbDecoder{16, bytes_for_16, samples_in_16, decode_16, -32768},
    WfdbDecoder{212, bytes_for_212, samples_in_212, decode_212, -2048},
};

}  // namespace

const WfdbDecoder* find_wfdb_decoder(int format) {
    for (const WfdbDecoder& decoder : decoders) {
        if (decoder.format == format) return &decoder;
    }
    return nullptr;
}

std::string wfdb_formats_read() {
    std::vector<std::string> names;
    for (const WfdbDecoder& decoder : decoders) names.push_back(std::to_string(decoder.format));
    return join(names, ", ");
}

}  // namespace clef
