// An annotation of a recording, whatever file it came from: WFDB annotation files
// (wfdb_annotations.hpp) and EDF+ (edf_reader.hpp) give the same type.
#pragma once

#include <cstdint>
#include <string>

namespace clef {

// A note is what has no symbol of its own: EDF+ annotations are notes with their text.
inline constexpr const char* note_symbol = "\"";

// Members have the meaning of WFDB's annotations (WFDB Programmer's Guide, "Annotation codes"); a
// format without one of them leaves it 0 or empty.
struct Annotation {
    // The sample it belongs to, at the sampling rate of the recording's default signals
    // (RecordingInfo::sampling_rate); may lie before the first sample or behind the last.
    std::int64_t sample = 0;
    // Seconds from the recording's start, exact where the file is finer than a sample.
    double seconds = 0;
    std::string symbol = note_symbol;  // "N", "V", "+", "~": the mnemonic of the annotation's type
    int subtype = 0;                   // −128 … 127
    int channel = 0;                   // 0 … 255: the signal it refers to
    int number = 0;                    // −128 … 127
    std::string text;                  // WFDB "aux", EDF+ text; any bytes
    double duration = 0;               // seconds; 0 unknown or none (EDF+)

    bool operator==(const Annotation&) const = default;
};

}  // namespace clef
