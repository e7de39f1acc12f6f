// The signal formats of WFDB: how samples lie in bytes. One row of a table per format, so that a
// further format is one function and one row.
// Source: WFDB Applications Guide, signal(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace clef {

struct WfdbDecoder {
    int format;
    // Bytes that hold the first n samples (n < 2^53: no overflow), and samples that fit in n bytes.
    std::uint64_t (*bytes_for)(std::uint64_t samples);
    std::uint64_t (*samples_in)(std::uint64_t bytes);
    // Samples first, first + stride, first + 2 stride, … of the interleaved stream in `data`; the
    // caller has checked that they lie within it.
    void (*decode)(std::span<const std::byte> data, std::uint64_t first, std::uint64_t stride,
                   std::span<std::int32_t> out);
    std::int32_t invalid;  // the digital value that means "no sample"
};

// nullptr for a format that is not read. Thread-safe.
const WfdbDecoder* find_wfdb_decoder(int format);

// "16, 212": for messages.
std::string wfdb_formats_read();

}  // namespace clef
