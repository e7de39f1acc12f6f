// The signal formats of WFDB: how samples lie in bytes. One row of a table per format, so that a
// further format is one function and one row. docs/formats.md draws the layouts.
// Source: WFDB Applications Guide, signal(5). Everything here is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace clef {

// What takes a missing sample's place in digital values, whatever the format's own code for it. No
// format holds this number as a sample: in format 32 it is the code itself.
inline constexpr std::int32_t wfdb_missing = std::numeric_limits<std::int32_t>::min();

struct WfdbDecoder {
    int format;
    // Bytes that hold the first n samples (n < 2^60: no overflow), and samples that fit in n bytes.
    // Null for the FLAC formats, as is `decode`.
    std::uint64_t (*bytes_for)(std::uint64_t samples);
    std::uint64_t (*samples_in)(std::uint64_t bytes);
    // Samples first, first + 1, … of the interleaved stream in `data`; the caller has checked that
    // they lie within it. Format 8 gives the differences as they are stored.
    void (*decode)(std::span<const std::byte> data, std::uint64_t first,
                   std::span<std::int32_t> out);
    std::int32_t invalid;        // the digital value that means "no sample"
    unsigned flac_bits = 0;      // FLAC formats: bits per sample
    bool is_difference = false;  // format 8
};

// nullptr for a format that is not read.
const WfdbDecoder* find_wfdb_decoder(int format);

// "8, 16, 212": for messages.
std::string wfdb_formats_read();

}  // namespace clef
