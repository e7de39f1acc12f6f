#include "formats/wfdb_decoders.hpp"

#include <array>
#include <vector>

#include "base/text.hpp"
#include "formats/wfdb_kernels.hpp"

namespace clef {

namespace {

using Bytes = std::span<const std::byte>;
using Samples = std::span<std::int32_t>;

// The lowest `bits` bits as a two's-complement number.
constexpr std::int32_t sign_extend(std::uint32_t value, int bits) {
    return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

constexpr std::uint32_t value_of(std::byte byte) {
    return std::to_integer<std::uint32_t>(byte);
}

// Formats of whole bytes, least significant first unless BigEndian. Offset: what an unsigned number
// in the file is too large by (formats 80 and 160).
template <unsigned Width>
std::uint64_t whole_bytes_for(std::uint64_t samples) {
    return Width * samples;
}
template <unsigned Width>
std::uint64_t whole_samples_in(std::uint64_t bytes) {
    return bytes / Width;
}
template <unsigned Width, bool BigEndian, std::uint32_t Offset>
void decode_whole(Bytes data, std::uint64_t first, Samples out) {
    const std::byte* at = data.data() + Width * first;
    for (std::int32_t& sample : out) {
        std::uint32_t bits = 0;
        for (unsigned i = 0; i < Width; ++i) {
            bits |= value_of(at[i]) << (8 * (BigEndian ? Width - 1 - i : i));
        }
        sample = sign_extend(bits - Offset, 8 * Width);
        at += Width;
    }
}

void decode_16(Bytes data, std::uint64_t first, Samples out) {
    wfdb_kernels::decode_16(data.subspan(2 * first, 2 * out.size()), out);
}

// Format 212: two 12-bit samples in three bytes. The middle byte holds the high four bits of the
// first in its low half and those of the second in its high half.
std::uint64_t bytes_for_212(std::uint64_t samples) {
    return 3 * (samples / 2) + 2 * (samples % 2);
}
std::uint64_t samples_in_212(std::uint64_t bytes) {
    return 2 * (bytes / 3) + (bytes % 3 == 2 ? 1 : 0);
}
std::int32_t even_212(const std::byte* pair) {
    return sign_extend(value_of(pair[0]) | value_of(pair[1]) << 8, 12);
}
std::int32_t odd_212(const std::byte* pair) {
    return sign_extend(value_of(pair[2]) | (value_of(pair[1]) & 0xF0) << 4, 12);
}
void decode_212(Bytes data, std::uint64_t first, Samples out) {
    const std::byte* pair = data.data() + 3 * (first / 2);
    std::int32_t* sample = out.data();
    std::int32_t* const end = sample + out.size();
    if (first % 2 == 1 && sample != end) {
        *sample++ = odd_212(pair);
        pair += 3;
    }
    const auto pairs = static_cast<std::size_t>(end - sample) / 2;
    const auto at = static_cast<std::size_t>(pair - data.data());
    wfdb_kernels::decode_212(data.subspan(at, 3 * pairs), {sample, 2 * pairs});
    sample += 2 * pairs;
    pair += 3 * pairs;
    // The last sample of an odd number has only two bytes: the third may not be there.
    if (sample != end) *sample = even_212(pair);
}

// Format 310: three 10-bit samples in two little-endian 16-bit words. The first two lie in bits 1
// to 10 of a word each, the third in the words' highest five bits, its low half in the first word.
std::uint64_t bytes_for_310(std::uint64_t samples) {
    return 4 * (samples / 3) + 2 * (samples % 3);
}
std::uint64_t samples_in_310(std::uint64_t bytes) {
    return 3 * (bytes / 4) + (bytes % 4 >= 2 ? 1 : 0);
}
void decode_310(Bytes data, std::uint64_t first, Samples out) {
    std::uint64_t index = first;
    for (std::int32_t& sample : out) {
        const std::byte* at = data.data() + 4 * (index / 3);
        const std::uint64_t place = index % 3;
        const auto word = [at](unsigned i) {
            return value_of(at[2 * i]) | value_of(at[2 * i + 1]) << 8;
        };
        sample = sign_extend(place == 0   ? word(0) >> 1
                             : place == 1 ? word(1) >> 1
                                          : word(0) >> 11 | (word(1) >> 11) << 5,
                             10);
        ++index;
    }
}

// Format 311: three 10-bit samples in the low 30 bits of a little-endian 32-bit word. Each sample
// lies in two neighbouring bytes, so that a file may end after the bytes its last sample needs.
std::uint64_t bytes_for_311(std::uint64_t samples) {
    const std::uint64_t rest = samples % 3;
    return 4 * (samples / 3) + (rest == 0 ? 0 : rest + 1);
}
std::uint64_t samples_in_311(std::uint64_t bytes) {
    const std::uint64_t rest = bytes % 4;
    return 3 * (bytes / 4) + (rest >= 2 ? rest - 1 : 0);
}
void decode_311(Bytes data, std::uint64_t first, Samples out) {
    std::uint64_t index = first;
    for (std::int32_t& sample : out) {
        const std::uint64_t place = index % 3;
        const std::byte* at = data.data() + 4 * (index / 3) + place;
        sample = sign_extend((value_of(at[0]) | value_of(at[1]) << 8) >> (2 * place), 10);
        ++index;
    }
}

constexpr WfdbDecoder whole_bytes(int format, std::int32_t invalid,
                                  void (*decode)(Bytes, std::uint64_t, Samples), int width) {
    switch (width) {
        case 1:
            return {format, whole_bytes_for<1>, whole_samples_in<1>, decode, invalid};
        case 2:
            return {format, whole_bytes_for<2>, whole_samples_in<2>, decode, invalid};
        case 3:
            return {format, whole_bytes_for<3>, whole_samples_in<3>, decode, invalid};
        default:
            return {format, whole_bytes_for<4>, whole_samples_in<4>, decode, invalid};
    }
}

constexpr WfdbDecoder flac(int format, unsigned bits) {
    return {format, nullptr, nullptr, nullptr, -(1 << (bits - 1)), bits};
}

// Format 8 has no code for a missing sample: wfdb_missing stands for itself.
constexpr WfdbDecoder differences{
    8, whole_bytes_for<1>, whole_samples_in<1>, decode_whole<1, false, 0>, wfdb_missing, 0, true};

constexpr std::array decoders{
    differences,
    whole_bytes(16, -32768, decode_16, 2),
    whole_bytes(24, -8388608, decode_whole<3, false, 0>, 3),
    whole_bytes(32, wfdb_missing, decode_whole<4, false, 0>, 4),
    whole_bytes(61, -32768, decode_whole<2, true, 0>, 2),
    whole_bytes(80, -128, decode_whole<1, false, 128>, 1),
    whole_bytes(160, -32768, decode_whole<2, false, 32768>, 2),
    WfdbDecoder{212, bytes_for_212, samples_in_212, decode_212, -2048},
    WfdbDecoder{310, bytes_for_310, samples_in_310, decode_310, -512},
    WfdbDecoder{311, bytes_for_311, samples_in_311, decode_311, -512},
    flac(508, 8),
    flac(516, 16),
    flac(524, 24),
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
