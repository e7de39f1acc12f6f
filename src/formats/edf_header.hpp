// The header of EDF, EDF+ and BDF files: 256 bytes about the recording, 256 bytes about each
// signal, all of it text in fields of fixed width; then data records of equal length, in which each
// signal has its own number of samples (16 bit in EDF, 24 bit in BDF, little-endian two's
// complement).
// Sources: Kemp et al., "A simple format for exchange of digitized polygraphic recordings",
// Electroencephalogr Clin Neurophysiol 1992;82:391–393; Kemp & Olivan, "European data format
// 'plus' (EDF+)", Clin Neurophysiol 2003;114:1755–1761; BioSemi's description of BDF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace clef {

struct EdfSignal {
    std::string label;  // UTF-8, blanks around it removed; so is the unit
    std::string unit;
    double physical_minimum = 0;
    double physical_maximum = 0;
    double digital_minimum = 0;
    double digital_maximum = 0;
    std::uint64_t samples_per_record = 0;
    std::uint64_t offset = 0;  // of its first byte in each record
    bool holds_annotations = false;
};

struct EdfHeader {
    std::filesystem::path path;
    bool is_bdf = false;
    bool is_plus = false;           // EDF+ or BDF+
    bool is_discontinuous = false;  // EDF+D or BDF+D: records say themselves when they begin
    std::string patient;            // "local patient identification"
    std::string recording;          // "local recording identification"
    std::string start;              // "12:44:02 10/12/2009"; "" when the fields hold no date
    std::uint64_t header_bytes = 0;
    std::uint64_t records = 0;
    std::uint64_t record_bytes = 0;
    double record_seconds = 0;
    std::vector<EdfSignal> signals;

    std::uint64_t sample_bytes() const { return is_bdf ? 3 : 2; }
    const char* format_name() const;  // "EDF", "EDF+C", "EDF+D", "BDF", …
};

// Whether a file that begins with these bytes (256 at least) is an EDF or BDF file.
bool is_edf(std::span<const std::byte> beginning);

// `file`: all bytes of the file; records × record_bytes of them are then known to lie behind the
// header. A number of records of −1 (a recording that was not closed) is taken from the file's
// size. Errors: InputError naming the file, the field, its byte, what it holds and what was
// expected; also when the file is shorter than its header says.
EdfHeader parse_edf_header(std::span<const std::byte> file, const std::filesystem::path& path);

// The factor and the summand that turn a digital into a physical value.
// Errors: InputError when the signal's digital or physical range is empty.
struct EdfScale {
    double factor = 1;
    double summand = 0;
};
EdfScale edf_scale(const EdfHeader& header, const EdfSignal& signal);

}  // namespace clef
