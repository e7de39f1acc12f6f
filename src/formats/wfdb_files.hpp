// The signal files of a WFDB record: which signals lie in which file, how many frames each holds,
// and its samples, frame by frame. A frame is what one tick of the record's frame rate holds: the
// samples of the file's signals one after another, several of a signal that is sampled faster.
// Source: WFDB Applications Guide, header(5) and signal(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_header.hpp"

namespace clef {

// Signals that share a file: positions [first, first + count) of the header.
struct WfdbFile {
    std::size_t first = 0;
    std::size_t count = 0;
    std::filesystem::path path;  // empty where the signals have no samples ("~")
    const WfdbDecoder* decoder = nullptr;
    std::uint64_t byte_offset = 0;
    std::uint64_t frame_samples = 0;  // of all its signals together
};

// Errors: InputError naming the line: an unknown format, a file outside the record's folder,
// signals of one file that contradict each other or do not follow one another.
std::vector<WfdbFile> wfdb_files(const WfdbHeader& header);

// Frames that the file holds. Errors: InputError when it cannot be read.
std::uint64_t frames_held(const WfdbHeader& header, const WfdbFile& file);

// Sequential access to one file; decodes only what is asked for. Not thread-safe.
class WfdbFileReader {
  public:
    WfdbFileReader() = default;
    WfdbFileReader(const WfdbFileReader&) = delete;
    WfdbFileReader& operator=(const WfdbFileReader&) = delete;
    virtual ~WfdbFileReader() = default;

    // Whole frames from `frame` on: out.size() is a multiple of frame_samples. The format's own
    // code for a missing sample is left as it is.
    virtual void read(std::uint64_t frame, std::span<std::int32_t> out) = 0;
};

// Errors: InputError when the file is absent, holds fewer than `frames` frames (bytes found and
// expected), or contradicts the header (MATLAB and FLAC headers).
std::unique_ptr<WfdbFileReader> open_wfdb_file(const WfdbHeader& header, const WfdbFile& file,
                                               std::uint64_t frames);

}  // namespace clef
