// Digital samples as the bytes of a WFDB signal file: the counterpart of wfdb_decoders.hpp. The
// caller has checked that the samples fit. Source: WFDB Applications Guide, signal(5). Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace clef {

std::string encode_wfdb_16(std::span<const std::int32_t> samples);

// An odd last sample takes two bytes.
std::string encode_wfdb_212(std::span<const std::int32_t> samples);

// Interleaved samples of up to eight channels as a FLAC stream of 16 bits, 96000 Hz. Errors:
// RunError when the encoder fails.
std::string encode_flac_16(std::span<const std::int32_t> samples, std::size_t channels);

}  // namespace clef
