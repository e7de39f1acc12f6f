#include "formats/wfdb_segments.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "formats/units.hpp"
#include "formats/wfdb_files.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_depth = 8;
constexpr std::uint64_t max_total = std::uint64_t{1} << 53;
// 4 GiB of float samples.
constexpr std::uint64_t max_claimed_samples = std::uint64_t{1} << 30;

bool is_gap(const WfdbSegment& segment) {
    return segment.record == "~";
}

std::string where(const WfdbHeader& header, const WfdbSegment& segment) {
    return fmt::format("{}: line {}: segment '{}'", header.path.string(), segment.line,
                       segment.record);
}

fs::path segment_path(const WfdbHeader& header, const WfdbSegment& segment) {
    const fs::path name = fs::path(segment.record).lexically_normal();
    if (name.empty() || name.is_absolute() || *name.begin() == "..") {
        fail_input("{}: expected a record in this record's own folder", where(header, segment));
    }
    fs::path path = header.path.parent_path() / name;
    path += ".hea";
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        fail_input("{}: {} is missing", where(header, segment), path.string());
    }
    return path;
}

// A segment's signal may differ from the record's in gain, baseline and unit of voltage, but not in
// what it measures or how fast.
void check_same_kind(const WfdbHeader& header, const WfdbSegment& segment, const WfdbSignal& whole,
                     const WfdbSignal& part) {
    if (part.frame_samples != whole.frame_samples) {
        fail_input("{}: signal '{}' has {} samples per frame, in the record {}",
                   where(header, segment), part.description, part.frame_samples,
                   whole.frame_samples);
    }
    if (part.units == whole.units) return;
    if (millivolts_per(part.units) && millivolts_per(whole.units)) return;
    fail_input("{}: signal '{}' is in '{}', in the record in '{}'", where(header, segment),
               part.description, part.units, whole.units);
}

// For each signal of the record its position in the segment. Of several signals of one name the
// first of the record is the first of the segment, and so on.
std::vector<std::optional<std::size_t>> match_by_name(std::span<const WfdbSignal> whole,
                                                      std::span<const WfdbSignal> part) {
    std::vector<std::optional<std::size_t>> positions(whole.size());
    std::vector<bool> used(part.size(), false);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (std::size_t k = 0; k < part.size() && !positions[i]; ++k) {
            if (used[k] || part[k].description != whole[i].description) continue;
            positions[i] = k;
            used[k] = true;
        }
    }
    return positions;
}

}  // namespace

// Walks from segment to segment; one is open at a time.
class SegmentsCursor final : public WfdbCursor {
  public:
    SegmentsCursor(const WfdbRecord& record, std::span<const std::size_t> chosen,
                   std::uint64_t from)
        : record_(record), chosen_(chosen.begin(), chosen.end()), position_(from) {
        const auto after = std::upper_bound(record.starts_.begin(), record.starts_.end(), from);
        index_ = static_cast<std::size_t>(after - record.starts_.begin()) - 1;
    }

    void next(std::uint64_t frames, const WfdbTake& take) override {
        const std::uint64_t end = position_ + frames;
        while (position_ < end) {
            const WfdbSegment& segment = record_.header_.segment_list[index_];
            const std::uint64_t segment_end = record_.starts_[index_] + segment.samples;
            const std::uint64_t count = std::min(end, segment_end) - position_;
            if (count > 0) read_segment(segment, count, take);
            position_ += count;
            if (position_ == segment_end && index_ + 1 < record_.starts_.size()) {
                inner_.reset();
                segment_.reset();
                ++index_;
            }
        }
    }

  private:
    void read_segment(const WfdbSegment& segment, std::uint64_t frames, const WfdbTake& take) {
        if (!is_gap(segment)) {
            if (!segment_) open(segment);
            const auto renumbered = [&](std::size_t which, const WfdbSignal& signal,
                                        std::span<const std::int32_t> samples) {
                take(present_[which], signal, samples);
            };
            if (inner_) inner_->next(frames, renumbered);
        }
        for (std::size_t which = 0; which < chosen_.size(); ++which) {
            const bool absent = is_gap(segment) || std::find(present_.begin(), present_.end(),
                                                             which) == present_.end();
            if (absent) take_missing(which, record_.signals_[chosen_[which]], frames, take);
        }
    }

    void open(const WfdbSegment& segment) {
        segment_ = std::make_unique<WfdbRecord>(record_.open_segment(segment));
        const auto positions = record_.match(segment, *segment_);
        present_.clear();
        std::vector<std::size_t> inner_chosen;
        for (std::size_t which = 0; which < chosen_.size(); ++which) {
            const auto position = positions[chosen_[which]];
            if (!position) continue;
            check_same_kind(record_.header_, segment, record_.signals_[chosen_[which]],
                            segment_->signals()[*position]);
            present_.push_back(which);
            inner_chosen.push_back(*position);
        }
        if (present_.empty()) return;
        inner_ = segment_->cursor(inner_chosen, position_ - record_.starts_[index_]);
    }

    const WfdbRecord& record_;
    std::vector<std::size_t> chosen_;
    std::uint64_t position_;
    std::size_t index_ = 0;
    std::unique_ptr<const WfdbRecord> segment_;
    std::unique_ptr<WfdbCursor> inner_;  // null where the segment has none of the chosen signals
    std::vector<std::size_t> present_;   // inner number → number among the chosen
};

WfdbRecord::WfdbRecord(WfdbHeader header) : WfdbRecord(std::move(header), {}) {}

WfdbRecord::WfdbRecord(const fs::path& header_path) : WfdbRecord(read_wfdb_header(header_path)) {}

WfdbRecord::WfdbRecord(WfdbHeader header, std::vector<fs::path> ancestors)
    : header_(std::move(header)), ancestors_(std::move(ancestors)) {
    if (header_.segments == 0) {
        add_signals();
        return;
    }
    if (ancestors_.size() >= max_depth) {
        fail_input("{}: segments within segments, more than {} deep", header_.path.string(),
                   max_depth);
    }
    add_segments();
    find_signals();
}

void WfdbRecord::add_signals() {
    const std::vector<WfdbFile> files = wfdb_files(header_);
    signals_ = header_.signals;
    frames_ = wfdb_length(header_);
    const bool has_files = std::any_of(files.begin(), files.end(),
                                       [](const WfdbFile& file) { return !file.path.empty(); });
    if (has_files || frames_ > 0) return;
    fail_input(
        "{}: the layout of a record of several segments, which has no samples of its own; "
        "name the record instead",
        header_.path.string());
}

void WfdbRecord::add_segments() {
    for (const WfdbSegment& segment : header_.segment_list) {
        starts_.push_back(frames_);
        frames_ += segment.samples;
        if (frames_ > max_total) {
            fail_input("{}: more than 2^53 samples", where(header_, segment));
        }
    }
    if (header_.samples && *header_.samples != frames_) {
        fail_input("{}: the record line says {} samples, but the segments add up to {}",
                   header_.path.string(), *header_.samples, frames_);
    }
}

void WfdbRecord::find_signals() {
    const auto& list = header_.segment_list;
    variable_ = list.front().samples == 0 && !is_gap(list.front());
    if (variable_) {
        signals_ = read_wfdb_header(segment_path(header_, list.front())).signals;
    } else {
        const auto first = std::find_if(list.begin(), list.end(), [](const WfdbSegment& segment) {
            return !is_gap(segment) && segment.samples > 0;
        });
        if (first == list.end()) fail_input("{}: all segments are gaps", header_.path.string());
        signals_ = open_segment(*first).signals_;
    }
    if (signals_.size() != header_.announced_signals) {
        fail_input("{}: the record line says {} signals, but {} has {}", header_.path.string(),
                   header_.announced_signals, variable_ ? "the layout" : "the first segment",
                   signals_.size());
    }
    if (signals_.empty()) fail_input("{}: the record has no signals", header_.path.string());
}

WfdbRecord WfdbRecord::open_segment(const WfdbSegment& segment) const {
    const fs::path path = segment_path(header_, segment);
    std::vector<fs::path> ancestors = ancestors_;
    ancestors.push_back(header_.path.lexically_normal());
    if (std::find(ancestors.begin(), ancestors.end(), path.lexically_normal()) != ancestors.end()) {
        fail_input("{}: a record cannot be a segment of itself", where(header_, segment));
    }
    WfdbRecord record(read_wfdb_header(path), std::move(ancestors));
    if (std::abs(record.frame_rate() - frame_rate()) > 1e-6 * frame_rate()) {
        fail_input("{}: {} Hz, but the record has {} Hz", where(header_, segment),
                   record.frame_rate(), frame_rate());
    }
    if (record.frames() < segment.samples) {
        fail_input("{}: {} samples expected, but {} has {}", where(header_, segment),
                   segment.samples, path.filename().string(), record.frames());
    }
    return record;
}

std::vector<std::optional<std::size_t>> WfdbRecord::match(const WfdbSegment& segment,
                                                          const WfdbRecord& opened) const {
    if (variable_) return match_by_name(signals_, opened.signals_);
    if (opened.signals_.size() != signals_.size()) {
        fail_input("{}: {} signals, but the record has {}", where(header_, segment),
                   opened.signals_.size(), signals_.size());
    }
    std::vector<std::optional<std::size_t>> positions;
    for (std::size_t i = 0; i < signals_.size(); ++i) positions.emplace_back(i);
    return positions;
}

std::unique_ptr<WfdbCursor> WfdbRecord::cursor(std::span<const std::size_t> chosen,
                                               std::uint64_t from) const {
    if (header_.segments == 0) return open_wfdb_signals(header_, chosen, from);
    return std::make_unique<SegmentsCursor>(*this, chosen, from);
}

void WfdbRecord::check_amount(std::span<const std::size_t> chosen, std::uint64_t from,
                              std::uint64_t to) const {
    double samples = 0;
    for (const std::size_t position : chosen) {
        const WfdbSignal& signal = signals_[position];
        if (header_.segments == 0 && signal.file != "~") continue;
        samples += static_cast<double>(to - from) * signal.frame_samples;
    }
    if (samples <= static_cast<double>(max_claimed_samples)) return;
    fail_input(
        "{}: {:.3g} samples asked for, more than {} at once; read a part of the record "
        "(--from, --to) or fewer signals",
        header_.path.string(), samples, max_claimed_samples);
}

std::vector<Checksum> WfdbRecord::checksums() const {
    KnownChecksums known;
    return checksums(known);
}

const std::vector<Checksum>& WfdbRecord::checksums(KnownChecksums& known) const {
    const fs::path name = header_.path.lexically_normal();
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    auto result = header_.segments == 0 ? own_checksums() : checksums_of_segments(known);
    return known[name] = std::move(result);
}

std::vector<Checksum> WfdbRecord::own_checksums() const {
    std::vector<Checksum> result(signals_.size(), Checksum::none);
    const auto sums = wfdb_sums(header_);
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        const auto said = signals_[i].checksum;
        if (said && sums[i]) result[i] = *said == *sums[i] ? Checksum::ok : Checksum::mismatch;
    }
    return result;
}

std::vector<Checksum> WfdbRecord::checksums_of_segments(KnownChecksums& known) const {
    std::vector<Checksum> result(signals_.size(), Checksum::none);
    for (const WfdbSegment& segment : header_.segment_list) {
        if (is_gap(segment) || segment.samples == 0) continue;
        const WfdbRecord opened = open_segment(segment);
        const auto positions = match(segment, opened);
        const auto& parts = opened.checksums(known);
        for (std::size_t i = 0; i < result.size(); ++i) {
            if (positions[i]) result[i] = std::max(result[i], parts[*positions[i]]);
        }
    }
    return result;
}

std::vector<std::vector<std::int32_t>> read_wfdb_digital(const WfdbHeader& header,
                                                         std::span<const std::size_t> signals,
                                                         std::uint64_t from, std::uint64_t to) {
    const WfdbRecord record(header);
    to = std::min(to, record.frames());
    if (from >= to) {
        fail_input("{}: samples {} to {} asked for, but the record has samples 0 to {}",
                   header.path.string(), from, to, record.frames());
    }
    record.check_amount(signals, from, to);
    std::vector<std::vector<std::int32_t>> samples(signals.size());
    record.cursor(signals, from)
        ->next(to - from,
               [&](std::size_t which, const WfdbSignal&, std::span<const std::int32_t> part) {
                   samples[which].insert(samples[which].end(), part.begin(), part.end());
               });
    return samples;
}

}  // namespace clef
