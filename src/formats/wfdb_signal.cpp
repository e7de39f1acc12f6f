#include "formats/wfdb_signal.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/wfdb_files.hpp"
#include "formats/wfdb_kernels.hpp"

namespace clef {

namespace {

// Samples decoded at once: what stays in the first-level cache on its way from bytes to floats.
constexpr std::uint64_t block_samples = 4096;

struct ChosenSignal {
    std::size_t which;  // among those asked for
    const WfdbSignal* signal;
    std::uint64_t place;  // of its first sample within a frame of its file
    std::uint32_t sum = 0;
};

// A file of which signals are wanted.
struct OpenFile {
    std::unique_ptr<WfdbFileReader> reader;  // null where the signals have no samples
    std::uint64_t frame_samples = 0;
    std::int32_t invalid = wfdb_missing;
    std::uint64_t least_skew = 0;
    std::uint64_t most_skew = 0;
    std::vector<ChosenSignal> chosen;
};

class SegmentCursor final : public WfdbCursor {
  public:
    SegmentCursor(const WfdbHeader& header, std::span<const std::size_t> chosen, std::uint64_t from)
        : header_(header), length_(wfdb_length(header)), position_(from), from_(from) {
        for (const WfdbFile& file : wfdb_files(header)) add_file(file, chosen);
    }

    void next(std::uint64_t frames, const WfdbTake& take) override {
        for (OpenFile& file : files_) {
            if (file.reader) {
                read_file(file, position_ + frames, take);
                continue;
            }
            for (const ChosenSignal& one : file.chosen) {
                take_missing(one.which, *one.signal, frames, take);
            }
        }
        position_ += frames;
        if (warns_ && from_ == 0 && position_ == length_ && header_.samples) warn_about_checksums();
    }

    // To the end, for the sums alone: signals without samples, of which a header may claim any
    // number, take no time.
    std::vector<std::optional<std::uint16_t>> sums() {
        warns_ = false;
        std::erase_if(files_, [](const OpenFile& file) { return !file.reader; });
        next(length_, [](std::size_t, const WfdbSignal&, std::span<const std::int32_t>) {});
        std::vector<std::optional<std::uint16_t>> sums(header_.signals.size());
        for (const OpenFile& file : files_) {
            for (const ChosenSignal& one : file.chosen) sums[one.which] = low_half(one.sum);
        }
        return sums;
    }

  private:
    static std::uint16_t low_half(std::uint32_t sum) {
        return static_cast<std::uint16_t>(sum & 0xFFFF);
    }

    void add_file(const WfdbFile& file, std::span<const std::size_t> chosen) {
        OpenFile open;
        std::uint64_t place = 0;
        for (std::size_t at = file.first; at < file.first + file.count; ++at) {
            const WfdbSignal& signal = header_.signals[at];
            for (std::size_t which = 0; which < chosen.size(); ++which) {
                if (chosen[which] == at) open.chosen.push_back({which, &signal, place});
            }
            place += signal.frame_samples;
        }
        if (open.chosen.empty()) return;
        open.frame_samples = file.frame_samples;
        open.least_skew = std::numeric_limits<std::uint64_t>::max();
        for (const ChosenSignal& one : open.chosen) {
            open.least_skew = std::min<std::uint64_t>(open.least_skew, one.signal->skew);
            open.most_skew = std::max<std::uint64_t>(open.most_skew, one.signal->skew);
        }
        if (!file.path.empty()) {
            open.reader = open_wfdb_file(header_, file, length_);
            open.invalid = file.decoder->invalid;
        }
        files_.push_back(std::move(open));
    }

    std::uint64_t within(std::uint64_t frame) const { return std::min(frame, length_); }

    // The frames from position_ to `end`. A signal's frame t is stored `skew` frames later; what is
    // stored before its frame 0 counts for the checksum only.
    void read_file(OpenFile& file, std::uint64_t end, const WfdbTake& take) {
        const std::uint64_t at_once =
            std::max<std::uint64_t>(1, block_samples / file.frame_samples);
        std::uint64_t frame = position_ == 0 ? 0 : within(position_ + file.least_skew);
        const std::uint64_t stop = within(end + file.most_skew);
        while (frame < stop) {
            const std::uint64_t count = std::min(at_once, stop - frame);
            stored_.resize(static_cast<std::size_t>(count * file.frame_samples));
            file.reader->read(frame, stored_);
            for (ChosenSignal& one : file.chosen) {
                const std::uint64_t skew = one.signal->skew;
                if (position_ == 0) use(file, one, frame, frame, std::min(frame + count, skew), {});
                use(file, one, frame, std::max(frame, position_ + skew),
                    std::min(frame + count, end + skew), take);
            }
            frame += count;
        }
        for (const ChosenSignal& one : file.chosen) {
            const std::uint64_t skew = one.signal->skew;
            const std::uint64_t had = within(end + skew) - within(position_ + skew);
            take_missing(one.which, *one.signal, end - position_ - had, take);
        }
    }

    // The stored frames [begin, end) of one signal; stored_ begins with the frame `first`.
    void use(const OpenFile& file, ChosenSignal& one, std::uint64_t first, std::uint64_t begin,
             std::uint64_t end, const WfdbTake& take) {
        if (begin >= end) return;
        const std::size_t per_frame = one.signal->frame_samples;
        const auto stride = static_cast<std::size_t>(file.frame_samples);
        const auto frames = static_cast<std::size_t>(end - begin);
        const std::int32_t* stored =
            stored_.data() + static_cast<std::size_t>(begin - first) * stride + one.place;
        gathered_.resize(frames * per_frame);
        if (per_frame == 1) {
            one.sum += wfdb_kernels::gather(stored, stride, file.invalid, gathered_);
        } else {
            for (std::size_t i = 0; i < frames; ++i) {
                const auto frame = std::span(gathered_).subspan(i * per_frame, per_frame);
                one.sum += wfdb_kernels::gather(stored + i * stride, 1, file.invalid, frame);
            }
        }
        if (take) take(one.which, *one.signal, gathered_);
    }

    void warn_about_checksums() const {
        std::vector<std::string> wrong;
        for (const OpenFile& file : files_) {
            for (const ChosenSignal& one : file.chosen) {
                const std::uint16_t sum = low_half(one.sum);
                const auto said = one.signal->checksum;
                if (!file.reader || !said || *said == sum) continue;
                wrong.push_back(fmt::format("{} (found {}, header says {})",
                                            one.signal->description, sum, *said));
            }
        }
        if (wrong.empty()) return;
        warn(fmt::format("{}: checksum mismatch in {}: the samples or the header were changed",
                         header_.path.string(), join(wrong, ", ")));
    }

    const WfdbHeader& header_;
    std::uint64_t length_;
    std::uint64_t position_;
    std::uint64_t from_;
    bool warns_ = true;
    std::vector<OpenFile> files_;
    std::vector<std::int32_t> stored_;
    std::vector<std::int32_t> gathered_;
};

}  // namespace

std::uint64_t wfdb_length(const WfdbHeader& header) {
    if (header.samples) return *header.samples;
    std::optional<std::uint64_t> shortest;
    for (const WfdbFile& file : wfdb_files(header)) {
        if (file.path.empty()) continue;
        const std::uint64_t held = frames_held(header, file);
        shortest = std::min(shortest.value_or(held), held);
    }
    return shortest.value_or(0);
}

std::unique_ptr<WfdbCursor> open_wfdb_signals(const WfdbHeader& header,
                                              std::span<const std::size_t> chosen,
                                              std::uint64_t from) {
    return std::make_unique<SegmentCursor>(header, chosen, from);
}

std::vector<std::optional<std::uint16_t>> wfdb_sums(const WfdbHeader& header) {
    if (!header.samples) return std::vector<std::optional<std::uint16_t>>(header.signals.size());
    std::vector<std::size_t> all(header.signals.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return SegmentCursor(header, all, 0).sums();
}

void take_missing(std::size_t which, const WfdbSignal& signal, std::uint64_t frames,
                  const WfdbTake& take) {
    static const std::vector<std::int32_t> none(block_samples, wfdb_missing);
    const std::uint64_t per_frame = signal.frame_samples;
    // Whole frames; a frame of more samples than there are here is given in one piece of its own.
    if (per_frame > block_samples) {
        const std::vector<std::int32_t> frame(static_cast<std::size_t>(per_frame), wfdb_missing);
        for (; frames > 0; --frames) take(which, signal, frame);
        return;
    }
    const std::uint64_t at_once = block_samples / per_frame;
    while (frames > 0) {
        const std::uint64_t count = std::min(at_once, frames);
        take(which, signal, std::span(none).first(static_cast<std::size_t>(count * per_frame)));
        frames -= count;
    }
}

}  // namespace clef
