#include "formats/wfdb_encoders.hpp"

#include <FLAC/stream_encoder.h>
#include <algorithm>
#include <memory>

#include "base/error.hpp"

namespace clef {

namespace {

constexpr unsigned flac_rate = 96000;  // by custom: the WFDB header has the rate
constexpr unsigned flac_bits = 16;

struct EncoderDeleter {
    void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};

// What the encoder writes to; it goes back to fill in the number of samples and the checksum.
struct Output {
    std::string bytes;
    std::size_t position = 0;
};

FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder* /*encoder*/,
                                     const FLAC__byte* buffer, std::size_t size,
                                     std::uint32_t /*samples*/, std::uint32_t /*frame*/,
                                     void* client) {
    auto& output = *static_cast<Output*>(client);
    if (output.bytes.size() < output.position + size) output.bytes.resize(output.position + size);
    std::copy_n(reinterpret_cast<const char*>(buffer), size, &output.bytes[output.position]);
    output.position += size;
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

FLAC__StreamEncoderSeekStatus seek(const FLAC__StreamEncoder* /*encoder*/, FLAC__uint64 position,
                                   void* client) {
    static_cast<Output*>(client)->position = static_cast<std::size_t>(position);
    return FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
}

FLAC__StreamEncoderTellStatus tell(const FLAC__StreamEncoder* /*encoder*/, FLAC__uint64* position,
                                   void* client) {
    *position = static_cast<Output*>(client)->position;
    return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

}  // namespace

std::string encode_wfdb_16(std::span<const std::int32_t> samples) {
    std::string bytes;
    bytes.reserve(2 * samples.size());
    for (const std::int32_t sample : samples) {
        const auto bits = static_cast<std::uint32_t>(sample);
        bytes += static_cast<char>(bits & 0xFF);
        bytes += static_cast<char>(bits >> 8 & 0xFF);
    }
    return bytes;
}

std::string encode_wfdb_212(std::span<const std::int32_t> samples) {
    std::string bytes;
    bytes.reserve(samples.size() / 2 * 3 + 2);
    for (std::size_t i = 0; i < samples.size(); i += 2) {
        const auto first = static_cast<std::uint32_t>(samples[i]) & 0xFFF;
        const bool has_second = i + 1 < samples.size();
        const auto second = has_second ? static_cast<std::uint32_t>(samples[i + 1]) & 0xFFF : 0;
        bytes += static_cast<char>(first & 0xFF);
        bytes += static_cast<char>(first >> 8 | (second >> 8) << 4);
        if (has_second) bytes += static_cast<char>(second & 0xFF);
    }
    return bytes;
}

std::string encode_flac_16(std::span<const std::int32_t> samples, std::size_t channels) {
    const std::unique_ptr<FLAC__StreamEncoder, EncoderDeleter> owner(FLAC__stream_encoder_new());
    FLAC__StreamEncoder* encoder = owner.get();
    if (encoder == nullptr) fail_run("FLAC: the encoder cannot be made: out of memory");
    const std::size_t frames = samples.size() / channels;
    FLAC__stream_encoder_set_channels(encoder, static_cast<std::uint32_t>(channels));
    FLAC__stream_encoder_set_bits_per_sample(encoder, flac_bits);
    FLAC__stream_encoder_set_sample_rate(encoder, flac_rate);
    FLAC__stream_encoder_set_total_samples_estimate(encoder, frames);
    Output output;
    const auto status =
        FLAC__stream_encoder_init_stream(encoder, write, seek, tell, nullptr, &output);
    if (status != FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
        fail_run("FLAC: the encoder does not start: {}",
                 FLAC__StreamEncoderInitStatusString[status]);
    }
    constexpr std::size_t at_once = 65536;
    bool done = true;
    for (std::size_t i = 0; i < frames && done; i += at_once) {
        const std::size_t count = std::min(at_once, frames - i);
        done = FLAC__stream_encoder_process_interleaved(encoder, samples.data() + i * channels,
                                                        static_cast<std::uint32_t>(count)) != 0;
    }
    if (FLAC__stream_encoder_finish(encoder) == 0 || !done) {
        fail_run("FLAC: encoding failed: {}",
                 FLAC__stream_encoder_get_resolved_state_string(encoder));
    }
    return output.bytes;
}

}  // namespace clef
