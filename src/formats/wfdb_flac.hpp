// FLAC signal files of WFDB (formats 508, 516 and 524): an ordinary FLAC stream with one channel
// per signal. Its own sampling rate means nothing (96000 by custom): the WFDB header has the rate.
// Source: WFDB Applications Guide, signal(5); RFC 9639 (FLAC).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace clef {

// A FLAC stream in memory. Memory does not depend on what the stream claims: one block of at most
// 65,535 samples of 8 channels. Not thread-safe: one thread, one stream over the same bytes.
class FlacStream {
  public:
    // `name` is the file's, for messages. Errors: InputError when the bytes are no FLAC stream.
    FlacStream(std::span<const std::byte> bytes, std::string name);
    ~FlacStream();
    FlacStream(const FlacStream&) = delete;
    FlacStream& operator=(const FlacStream&) = delete;

    unsigned channels() const;
    unsigned bits_per_sample() const;
    std::uint64_t samples() const;  // per channel; 0 where the stream does not say

    // Samples first, first + 1, … of all channels, interleaved. What follows the last call is
    // decoded on; anything else is sought, which decodes no more than a block before it.
    // Errors: InputError when the data are damaged or end early.
    void read(std::uint64_t first, std::span<std::int32_t> out);

  private:
    class Decoder;
    std::unique_ptr<Decoder> decoder_;
};

}  // namespace clef
