// A WFDB record of any kind, as one stretch of frames: an ordinary record, or one of several
// segments in a row, with gaps ("~") between them. In a fixed layout every segment has the same
// signals in the same order; in a variable layout the first segment, of no samples, lists all
// signals, and each other segment has some of them, found by name. Segments may themselves consist
// of segments (up to eight deep).
//
// A signal that a segment lacks is missing there, as everything is in a gap. A segment's own gain,
// baseline and unit hold for its samples.
// Source: WFDB Applications Guide, header(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "formats/ecg_reader.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_signal.hpp"

namespace clef {

// Const members are thread-safe.
class WfdbRecord {
  public:
    // Opens no signal file, unless the length is to be found from their sizes; of a record of
    // segments it reads the header that says which signals there are. Errors: InputError naming the
    // file that is absent or wrong.
    explicit WfdbRecord(WfdbHeader header);
    explicit WfdbRecord(const std::filesystem::path& header_path);

    const WfdbHeader& header() const { return header_; }
    std::span<const WfdbSignal> signals() const { return signals_; }
    double frame_rate() const { return header_.sampling_rate; }
    std::uint64_t frames() const { return frames_; }

    // The signals at these positions, from frame `from` on; the record must outlive the cursor.
    std::unique_ptr<WfdbCursor> cursor(std::span<const std::size_t> chosen,
                                       std::uint64_t from) const;

    // Of each signal, from a reading of all samples: a mismatch where one segment has one, ok where
    // any says a checksum. Each segment is read once, however often it is named.
    std::vector<Checksum> checksums() const;

    // Reading takes memory in proportion to what the header claims, where no file has to hold it:
    // in gaps and in records of segments. An InputError says so where that would be gigabytes.
    void check_amount(std::span<const std::size_t> chosen, std::uint64_t from,
                      std::uint64_t to) const;

  private:
    friend class SegmentsCursor;
    WfdbRecord(WfdbHeader header, std::vector<std::filesystem::path> ancestors);
    void add_signals();
    void add_segments();
    void find_signals();
    WfdbRecord open_segment(const WfdbSegment& segment) const;
    // Positions of this record's signals among a segment's.
    std::vector<std::optional<std::size_t>> match(const WfdbSegment& segment,
                                                  const WfdbRecord& opened) const;
    using KnownChecksums = std::map<std::filesystem::path, std::vector<Checksum>>;
    const std::vector<Checksum>& checksums(KnownChecksums& known) const;
    std::vector<Checksum> own_checksums() const;
    std::vector<Checksum> checksums_of_segments(KnownChecksums& known) const;

    WfdbHeader header_;
    std::vector<std::filesystem::path> ancestors_;  // the headers this one was reached through
    std::vector<WfdbSignal> signals_;
    std::vector<std::uint64_t> starts_;  // of each segment
    bool variable_ = false;
    std::uint64_t frames_ = 0;
};

// The digital samples of the frames [from, to) at these positions, frame_samples of each signal per
// frame, wfdb_missing where there is none. Errors: InputError as of the cursor.
std::vector<std::vector<std::int32_t>> read_wfdb_digital(const WfdbHeader& header,
                                                         std::span<const std::size_t> signals,
                                                         std::uint64_t from, std::uint64_t to);

}  // namespace clef
