// The passes over every sample of a WFDB record: bytes to integers, one signal out of several,
// integers to physical values. Dispatched at run time to the instruction set of the machine; the
// results are the same to the last bit on all of them. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace clef::wfdb_kernels {

// Format 16: two bytes a sample, least significant first; data.size() = 2 × out.size().
void decode_16(std::span<const std::byte> data, std::span<std::int32_t> out);

// Format 212: three bytes a pair of samples; out.size() is even, data.size() = 3 × out.size() / 2.
void decode_212(std::span<const std::byte> data, std::span<std::int32_t> out);

// Copies samples that lie `stride` apart, writes wfdb_missing for `invalid`, and returns the sum of
// what was stored, modulo 2^32.
std::uint32_t gather(const std::int32_t* stored, std::size_t stride, std::int32_t invalid,
                     std::span<std::int32_t> out);

// (digital − baseline) ÷ divisor in float, NaN for wfdb_missing.
void convert(std::span<const std::int32_t> digital, std::int32_t baseline, float divisor,
             float* out);

}  // namespace clef::wfdb_kernels
