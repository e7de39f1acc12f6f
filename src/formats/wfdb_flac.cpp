#include "formats/wfdb_flac.hpp"

#include <FLAC/stream_decoder.h>
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace clef {

// The callbacks are called from C: none of them may throw, so that all memory is set aside before.
class FlacStream::Decoder {
  public:
    Decoder(std::span<const std::byte> bytes, std::string name)
        : bytes_(bytes), name_(std::move(name)), decoder_(FLAC__stream_decoder_new()) {
        if (decoder_ == nullptr) fail_run("{}: not enough memory to decode FLAC", name_);
        const auto status = FLAC__stream_decoder_init_stream(decoder_, read, seek, tell, length,
                                                             at_end, write, metadata, error, this);
        const bool ready = status == FLAC__STREAM_DECODER_INIT_STATUS_OK &&
                           FLAC__stream_decoder_process_until_end_of_metadata(decoder_);
        if (!ready || !has_information_) {
            FLAC__stream_decoder_delete(decoder_);
            fail_input("{}: byte 0: expected a FLAC stream with its STREAMINFO block", name_);
        }
        block_.resize(static_cast<std::size_t>(information_.channels) * FLAC__MAX_BLOCK_SIZE);
    }
    ~Decoder() { FLAC__stream_decoder_delete(decoder_); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    const FLAC__StreamMetadata_StreamInfo& information() const { return information_; }

    void samples(std::uint64_t first, std::span<std::int32_t> out) {
        const std::size_t channels = information_.channels;
        if (first < block_first_ || first > block_first_ + block_samples_) seek_to(first);
        while (!out.empty()) {
            if (first == block_first_ + block_samples_) decode_block(first);
            const auto skip = static_cast<std::size_t>(first - block_first_) * channels;
            const std::size_t count = std::min(out.size(), block_samples_ * channels - skip);
            std::memcpy(out.data(), block_.data() + skip, count * sizeof(std::int32_t));
            out = out.subspan(count);
            first += count / channels;
        }
    }

  private:
    void seek_to(std::uint64_t first) {
        block_samples_ = 0;
        const bool found = FLAC__stream_decoder_seek_absolute(decoder_, first);
        if (!found || failed_ || block_samples_ == 0 || block_first_ != first) fail_at(first);
    }

    void decode_block(std::uint64_t first) {
        block_samples_ = 0;
        while (block_samples_ == 0) {
            const bool good = FLAC__stream_decoder_process_single(decoder_);
            const bool ended =
                FLAC__stream_decoder_get_state(decoder_) == FLAC__STREAM_DECODER_END_OF_STREAM;
            if (!good || failed_ || (ended && block_samples_ == 0)) fail_at(first);
        }
        if (block_first_ != first) fail_at(first);
    }

    [[noreturn]] void fail_at(std::uint64_t sample) {
        failed_ = true;
        fail_input("{}: near byte {}: damaged or missing FLAC data: sample {} cannot be decoded",
                   name_, position_, sample);
    }

    static Decoder& self(void* client) { return *static_cast<Decoder*>(client); }

    static FLAC__StreamDecoderReadStatus read(const FLAC__StreamDecoder*, FLAC__byte* out,
                                              std::size_t* count, void* client) {
        Decoder& decoder = self(client);
        *count = std::min(*count, decoder.bytes_.size() - decoder.position_);
        if (*count == 0) return FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
        std::memcpy(out, decoder.bytes_.data() + decoder.position_, *count);
        decoder.position_ += *count;
        return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
    }

    static FLAC__StreamDecoderSeekStatus seek(const FLAC__StreamDecoder*, FLAC__uint64 position,
                                              void* client) {
        Decoder& decoder = self(client);
        if (position > decoder.bytes_.size()) return FLAC__STREAM_DECODER_SEEK_STATUS_ERROR;
        decoder.position_ = static_cast<std::size_t>(position);
        return FLAC__STREAM_DECODER_SEEK_STATUS_OK;
    }

    static FLAC__StreamDecoderTellStatus tell(const FLAC__StreamDecoder*, FLAC__uint64* position,
                                              void* client) {
        *position = self(client).position_;
        return FLAC__STREAM_DECODER_TELL_STATUS_OK;
    }

    static FLAC__StreamDecoderLengthStatus length(const FLAC__StreamDecoder*, FLAC__uint64* bytes,
                                                  void* client) {
        *bytes = self(client).bytes_.size();
        return FLAC__STREAM_DECODER_LENGTH_STATUS_OK;
    }

    static FLAC__bool at_end(const FLAC__StreamDecoder*, void* client) {
        return self(client).position_ == self(client).bytes_.size();
    }

    static FLAC__StreamDecoderWriteStatus write(const FLAC__StreamDecoder*,
                                                const FLAC__Frame* frame,
                                                const FLAC__int32* const channels[], void* client) {
        Decoder& decoder = self(client);
        const FLAC__FrameHeader& header = frame->header;
        if (header.channels != decoder.information_.channels ||
            header.bits_per_sample != decoder.information_.bits_per_sample ||
            header.number_type != FLAC__FRAME_NUMBER_TYPE_SAMPLE_NUMBER) {
            decoder.failed_ = true;
            return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
        }
        for (std::size_t channel = 0; channel < header.channels; ++channel) {
            std::int32_t* out = decoder.block_.data() + channel;
            for (std::size_t i = 0; i < header.blocksize; ++i) {
                *out = channels[channel][i];
                out += header.channels;
            }
        }
        decoder.block_first_ = header.number.sample_number;
        decoder.block_samples_ = header.blocksize;
        return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
    }

    static void metadata(const FLAC__StreamDecoder*, const FLAC__StreamMetadata* block,
                         void* client) {
        if (block->type != FLAC__METADATA_TYPE_STREAMINFO) return;
        self(client).information_ = block->data.stream_info;
        self(client).has_information_ = true;
    }

    static void error(const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus, void* client) {
        self(client).failed_ = true;
    }

    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
    std::string name_;
    FLAC__StreamDecoder* decoder_;
    FLAC__StreamMetadata_StreamInfo information_{};
    bool has_information_ = false;
    bool failed_ = false;  // once damaged, always damaged
    std::vector<std::int32_t> block_;
    std::uint64_t block_first_ = 0;
    std::size_t block_samples_ = 0;
};

FlacStream::FlacStream(std::span<const std::byte> bytes, std::string name)
    : decoder_(std::make_unique<Decoder>(bytes, std::move(name))) {}

FlacStream::~FlacStream() = default;

unsigned FlacStream::channels() const {
    return decoder_->information().channels;
}
unsigned FlacStream::bits_per_sample() const {
    return decoder_->information().bits_per_sample;
}
std::uint64_t FlacStream::samples() const {
    return decoder_->information().total_samples;
}

void FlacStream::read(std::uint64_t first, std::span<std::int32_t> out) {
    decoder_->samples(first, out);
}

}  // namespace clef
