#include "formats/wfdb_files.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "formats/matlab4.hpp"
#include "formats/wfdb_flac.hpp"

namespace clef {

namespace {

using Bytes = std::span<const std::byte>;

std::string where(const WfdbHeader& header, const WfdbSignal& signal) {
    return fmt::format("{}: line {}", header.path.string(), signal.line);
}

std::filesystem::path signal_path(const WfdbHeader& header, const WfdbSignal& signal) {
    const std::filesystem::path name = std::filesystem::path(signal.file).lexically_normal();
    if (signal.file == "-" || name.empty() || name.is_absolute() || *name.begin() == "..") {
        fail_input("{}: signal file '{}': expected a file in the record's own folder",
                   where(header, signal), signal.file);
    }
    return header.path.parent_path() / name;
}

void check_shared_file(const WfdbHeader& header, const WfdbSignal& first,
                       const WfdbSignal& signal) {
    if (signal.format != first.format) {
        fail_input("{}: signal format {}, but the file's first signal has {}",
                   where(header, signal), signal.format, first.format);
    }
    if (signal.byte_offset != first.byte_offset && signal.byte_offset != 0) {
        fail_input("{}: byte offset {}, but the file's first signal has {}", where(header, signal),
                   signal.byte_offset, first.byte_offset);
    }
    if (find_wfdb_decoder(first.format) != nullptr &&
        find_wfdb_decoder(first.format)->flac_bits > 0 &&
        signal.frame_samples != first.frame_samples) {
        fail_input("{}: {} samples per frame, but the FLAC file's first signal has {}",
                   where(header, signal), signal.frame_samples, first.frame_samples);
    }
}

WfdbFile describe_file(const WfdbHeader& header, std::size_t first) {
    const WfdbSignal& leader = header.signals[first];
    WfdbFile file{first, 0, {}, find_wfdb_decoder(leader.format), leader.byte_offset, 0};
    const bool is_empty = leader.file == "~";
    if (!is_empty) file.path = signal_path(header, leader);
    if (!is_empty && file.decoder == nullptr) {
        fail_input("{}: signal format {} is not read; the formats read are {}",
                   where(header, leader), leader.format, wfdb_formats_read());
    }
    while (first + file.count < header.signals.size()) {
        const WfdbSignal& signal = header.signals[first + file.count];
        if (signal.file != leader.file) break;
        if (!is_empty) check_shared_file(header, leader, signal);
        file.frame_samples += signal.frame_samples;
        ++file.count;
    }
    return file;
}

// Bytes as they lie in a file: every format but FLAC and differences.
class PlainReader final : public WfdbFileReader {
  public:
    PlainReader(MappedFile mapped, const WfdbFile& file)
        : mapped_(std::move(mapped)),
          data_(mapped_.bytes().subspan(static_cast<std::size_t>(file.byte_offset))),
          decoder_(*file.decoder),
          frame_samples_(file.frame_samples) {}

    void read(std::uint64_t frame, std::span<std::int32_t> out) override {
        decoder_.decode(data_, frame * frame_samples_, out);
    }

  private:
    MappedFile mapped_;
    Bytes data_;
    const WfdbDecoder& decoder_;
    std::uint64_t frame_samples_;
};

// Format 8: each sample is the difference from the one before of the same signal, so that whoever
// begins in the middle has to add up all that lies before.
class DifferenceReader final : public WfdbFileReader {
  public:
    DifferenceReader(const WfdbHeader& header, MappedFile mapped, const WfdbFile& file)
        : stored_(std::move(mapped), file), frame_samples_(file.frame_samples) {
        for (std::size_t i = 0; i < file.count; ++i) {
            const WfdbSignal& signal = header.signals[file.first + i];
            initial_.push_back(static_cast<std::uint32_t>(signal.initial_value));
            per_frame_.push_back(signal.frame_samples);
        }
        values_ = initial_;
    }

    void read(std::uint64_t frame, std::span<std::int32_t> out) override {
        if (frame < position_) {
            position_ = 0;
            values_ = initial_;
        }
        const std::uint64_t at_once = std::max<std::uint64_t>(1, 4096 / frame_samples_);
        while (position_ < frame) {
            const std::uint64_t frames = std::min(at_once, frame - position_);
            skipped_.resize(static_cast<std::size_t>(frames * frame_samples_));
            add_up(skipped_);
        }
        add_up(out);
    }

  private:
    void add_up(std::span<std::int32_t> out) {
        stored_.read(position_, out);
        std::size_t at = 0;
        while (at < out.size()) {
            for (std::size_t i = 0; i < values_.size(); ++i) {
                for (std::uint32_t k = 0; k < per_frame_[i]; ++k, ++at) {
                    // Unsigned: hostile differences may run over, which must only be wrong.
                    values_[i] += static_cast<std::uint32_t>(out[at]);
                    out[at] = static_cast<std::int32_t>(values_[i]);
                }
            }
        }
        position_ += out.size() / frame_samples_;
    }

    PlainReader stored_;
    std::uint64_t frame_samples_;
    std::uint64_t position_ = 0;  // frames added up
    std::vector<std::uint32_t> initial_;
    std::vector<std::uint32_t> values_;
    std::vector<std::uint32_t> per_frame_;
    std::vector<std::int32_t> skipped_;
};

class FlacReader final : public WfdbFileReader {
  public:
    FlacReader(MappedFile mapped, const WfdbFile& file)
        : mapped_(std::move(mapped)),
          stream_(mapped_.bytes().subspan(static_cast<std::size_t>(file.byte_offset)),
                  file.path.string()),
          signals_(file.count),
          per_frame_(static_cast<std::size_t>(file.frame_samples) / file.count) {}

    FlacStream& stream() { return stream_; }

    void read(std::uint64_t frame, std::span<std::int32_t> out) override {
        if (per_frame_ == 1) return stream_.read(frame, out);
        // The stream alternates between signals after every sample, a frame after all of one's.
        interleaved_.resize(out.size());
        stream_.read(frame * per_frame_, interleaved_);
        const std::size_t frame_samples = signals_ * per_frame_;
        for (std::size_t begin = 0; begin < out.size(); begin += frame_samples) {
            for (std::size_t i = 0; i < frame_samples; ++i) {
                const std::size_t signal = i / per_frame_;
                out[begin + i] = interleaved_[begin + i % per_frame_ * signals_ + signal];
            }
        }
    }

  private:
    MappedFile mapped_;
    FlacStream stream_;
    std::size_t signals_;
    std::size_t per_frame_;
    std::vector<std::int32_t> interleaved_;
};

std::unique_ptr<FlacReader> open_flac(const WfdbFile& file) {
    MappedFile mapped(file.path);
    if (mapped.bytes().size() <= file.byte_offset) {
        fail_input("{}: {} bytes found, but the samples begin at byte {}", file.path.string(),
                   mapped.bytes().size(), file.byte_offset);
    }
    auto reader = std::make_unique<FlacReader>(std::move(mapped), file);
    const FlacStream& stream = reader->stream();
    if (stream.channels() != file.count) {
        fail_input("{}: {} FLAC channels, but the WFDB header describes {} signals",
                   file.path.string(), stream.channels(), file.count);
    }
    if (stream.bits_per_sample() != file.decoder->flac_bits) {
        fail_input("{}: {} bits per sample, expected {} for WFDB signal format {}",
                   file.path.string(), stream.bits_per_sample(), file.decoder->flac_bits,
                   file.decoder->format);
    }
    return reader;
}

std::uint64_t frames_in(const WfdbFile& file, std::uint64_t bytes) {
    if (bytes <= file.byte_offset) return 0;
    return file.decoder->samples_in(bytes - file.byte_offset) / file.frame_samples;
}

// The file's size. The message for an absent file names the header that asks for it.
std::uint64_t file_bytes(const WfdbHeader& header, const WfdbFile& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file.path, error);
    if (error) {
        fail_input("{}: cannot read this signal file, which {} names: {}", file.path.string(),
                   header.path.filename().string(), error.message());
    }
    return size;
}

void check_length(const WfdbHeader& header, const WfdbFile& file, std::uint64_t bytes,
                  std::uint64_t frames) {
    if (frames_in(file, bytes) >= std::max<std::uint64_t>(1, frames)) return;
    // The product can pass 2^64: a number that no file can reach is written as a power of ten.
    const double samples = static_cast<double>(frames) * static_cast<double>(file.frame_samples);
    const std::string needed =
        samples < 1e15 ? std::to_string(file.byte_offset +
                                        file.decoder->bytes_for(frames * file.frame_samples))
                       : fmt::format("about {:.3g}", samples);
    fail_input(
        "{}: {} bytes found, {} expected for {} samples of {} signals as {} says; is the file cut "
        "off?",
        file.path.string(), bytes, needed, frames, file.count, header.path.filename().string());
}

}  // namespace

std::vector<WfdbFile> wfdb_files(const WfdbHeader& header) {
    if (header.signals.empty()) fail_input("{}: the record has no signals", header.path.string());
    std::vector<WfdbFile> files;
    std::set<std::filesystem::path> seen;
    for (std::size_t first = 0; first < header.signals.size(); first += files.back().count) {
        files.push_back(describe_file(header, first));
        if (files.back().path.empty()) continue;
        if (!seen.insert(files.back().path).second) {
            fail_input("{}: signals of the file '{}' must stand on consecutive lines",
                       where(header, header.signals[first]), header.signals[first].file);
        }
    }
    return files;
}

std::uint64_t frames_held(const WfdbHeader& header, const WfdbFile& file) {
    if (file.path.empty()) return 0;
    const std::uint64_t bytes = file_bytes(header, file);
    if (file.decoder->flac_bits == 0) return frames_in(file, bytes);
    return open_flac(file)->stream().samples() / (file.frame_samples / file.count);
}

std::unique_ptr<WfdbFileReader> open_wfdb_file(const WfdbHeader& header, const WfdbFile& file,
                                               std::uint64_t frames) {
    file_bytes(header, file);
    if (file.decoder->flac_bits > 0) {
        auto reader = open_flac(file);
        const std::uint64_t held = reader->stream().samples() / (file.frame_samples / file.count);
        if (reader->stream().samples() != 0 && held < frames) {
            fail_input(
                "{}: {} samples per signal found, {} expected as {} says; is the file cut "
                "off?",
                file.path.string(), held, frames, header.path.filename().string());
        }
        return reader;
    }
    MappedFile mapped(file.path);
    if (file.path.extension() == ".mat" && file.byte_offset > 0) {
        const Matlab4Expectation expected{file.frame_samples, header.samples.value_or(0),
                                          file.byte_offset, file.decoder->format};
        check_matlab4(mapped.bytes(), file.path, expected);
    }
    check_length(header, file, mapped.bytes().size(), frames);
    if (file.decoder->is_difference) {
        return std::make_unique<DifferenceReader>(header, std::move(mapped), file);
    }
    return std::make_unique<PlainReader>(std::move(mapped), file);
}

}  // namespace clef
