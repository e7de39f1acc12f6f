// The digital samples of one WFDB segment (an ordinary record): several signals in a file, several
// files in a record, several samples per frame, skew. wfdb_segments.hpp puts segments together.
//
// A cursor walks over frames and hands out blocks of each signal's samples. Files are mapped, and
// only the bytes of the frames asked for are decoded; the exception is format 8, whose differences
// have to be added up from the beginning.
// Source: WFDB Applications Guide, header(5) and signal(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_header.hpp"

namespace clef {

// Consecutive samples of the which-th chosen signal: whole frames, wfdb_missing where there is no
// sample. `signal` has the gain, baseline and unit that hold for them; it lives as long as the
// call.
using WfdbTake = std::function<void(std::size_t which, const WfdbSignal& signal,
                                    std::span<const std::int32_t> samples)>;

// Not thread-safe; several cursors over one record are.
class WfdbCursor {
  public:
    WfdbCursor() = default;
    WfdbCursor(const WfdbCursor&) = delete;
    WfdbCursor& operator=(const WfdbCursor&) = delete;
    virtual ~WfdbCursor() = default;

    // The next `frames` frames, which the record must still have. Each signal's blocks come in the
    // order of time; those of different signals alternate in any way.
    virtual void next(std::uint64_t frames, const WfdbTake& take) = 0;
};

// Frames of a record of one segment: the header's number, or, where it has none, what the files
// hold. Errors: InputError naming the file (missing, unknown format) or the header's line.
std::uint64_t wfdb_length(const WfdbHeader& header);

// The signals at these positions of a header of one segment, from frame `from` on; `header` must
// outlive the cursor. A cursor that goes from the first frame to the last compares the sums of the
// samples with the header's checksums: a mismatch is a warning that names the signals, not an
// error, since the samples may be good and the header stale. Skew: a signal's last frames are
// missing. Errors: InputError when a file is missing, damaged, or shorter than the header says
// (bytes found and expected).
std::unique_ptr<WfdbCursor> open_wfdb_signals(const WfdbHeader& header,
                                              std::span<const std::size_t> chosen,
                                              std::uint64_t from);

// The sum of all stored samples of each signal modulo 65,536, to be compared with the header's;
// nothing where the signal has no samples or the header no length. Reads everything, and warns of
// nothing. Errors: as open_wfdb_signals().
std::vector<std::optional<std::uint16_t>> wfdb_sums(const WfdbHeader& header);

// Hands out `frames` frames of missing samples.
void take_missing(std::size_t which, const WfdbSignal& signal, std::uint64_t frames,
                  const WfdbTake& take);

}  // namespace clef
