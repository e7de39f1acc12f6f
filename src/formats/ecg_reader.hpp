// What every file format offers. A format is one file: a class derived from EcgReader in an
// anonymous namespace, a function that returns its EcgFormat, and a row in ecg_formats.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/annotation.hpp"
#include "formats/ecg_file.hpp"
#include "formats/recording.hpp"

namespace clef {

// Whether a signal's samples are those that its header was written for.
enum class Checksum { none, ok, mismatch };  // none: the file says no checksum

// One open recording. Const members are thread-safe.
class EcgReader {
  public:
    EcgReader() = default;
    EcgReader(const EcgReader&) = delete;
    EcgReader& operator=(const EcgReader&) = delete;
    virtual ~EcgReader() = default;

    virtual const RecordingInfo& info() const = 0;

    // Samples [from, to) of the signals at these positions of info().signals, which share one rate;
    // the caller has checked from < to <= samples. Voltages in millivolts, anything else in the
    // file's unit (Lead::in_millivolts says which); a missing sample is NaN. Decodes no more than
    // what is asked for.
    virtual std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                                   std::uint64_t to) const = 0;

    // The annotations that lie in the file itself (EDF+), in its order. WFDB keeps them in files of
    // their own: see wfdb_annotations.hpp.
    virtual std::vector<Annotation> annotations() const { return {}; }

    // For each signal of info(): reads all samples. Empty where the format has no checksums.
    virtual std::vector<Checksum> checksums() const { return {}; }
};

// A file that might be of a format.
struct FormatCandidate {
    std::filesystem::path path;
    std::span<const std::byte> beginning;  // at most the first 64 KiB
};

struct EcgFormat {
    const char* name;         // "EDF"
    const char* description;  // one line, for help and documents
    bool (*recognises)(const FormatCandidate& candidate);
    // Errors: InputError. `options` settle what the file does not say.
    std::unique_ptr<const EcgReader> (*open)(const std::filesystem::path& path,
                                             const ReadOptions& options);
    // Whether files say their rate, units and leads. open() of a format that does not settles them
    // from the options itself (settled_reader.hpp).
    bool describes_itself = true;
};

// All formats, in the order in which they are tried: from the unmistakable to the permissive.
std::span<const EcgFormat> ecg_formats();

// The format that recognises this file by what it holds; nullptr when none does, or when it cannot
// be read.
const EcgFormat* find_format(const std::filesystem::path& path);

// Fills the summary members of `info` (leads, units, sampling_rate, samples) from its signals.
void summarise_signals(RecordingInfo& info);

}  // namespace clef
