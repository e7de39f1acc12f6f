// The samples of a recording as rows, one sample of each chosen signal per row, as the WFDB program
// rdsamp sees them. In the ordinary view a row is a frame: of a signal of several samples per frame
// it has their mean, a whole number cut off towards zero. In the high-resolution view a row is a
// sample of the signal that is sampled fastest, and slower signals repeat theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "formats/ecg_file.hpp"

namespace clef {

// Rows in blocks of columns; a missing sample is NaN. Not thread-safe.
class DumpRows {
  public:
    DumpRows() = default;
    DumpRows(const DumpRows&) = delete;
    DumpRows& operator=(const DumpRows&) = delete;
    virtual ~DumpRows() = default;

    virtual double rate() const = 0;  // rows per second
    virtual std::uint64_t rows() const = 0;
    virtual std::size_t columns() const = 0;
    // Blocks that begin at multiples of this are read without going back.
    virtual std::uint64_t rows_per_frame() const { return 1; }
    // Rows [from, to): one column per chosen signal. Calls go forward through the recording.
    virtual std::vector<std::vector<double>> read(std::uint64_t from, std::uint64_t to) = 0;
};

struct DumpView {
    std::vector<std::string> channels;  // numbers from 0, or names of leads; empty: all
    bool digital = false;               // as stored; otherwise in the file's own units
    bool high_resolution = false;
};

// Formats other than WFDB have one view, that of one sampling rate, and no digital values.
// `options`: what the file does not say. Errors: InputError naming the file, or the channel and
// those there are.
std::unique_ptr<DumpRows> open_dump(const std::filesystem::path& recording, const DumpView& view,
                                    const ReadOptions& options = {});

}  // namespace clef
