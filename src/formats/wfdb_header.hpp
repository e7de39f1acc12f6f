// WFDB header files (*.hea): what a record holds and how its samples are stored.
// Source: WFDB Applications Guide, header(5).
//
// A header is untrusted text: every number is checked when it is parsed, and nothing is allocated
// in proportion to what a number claims. Units, descriptions and comments that are not UTF-8 are
// taken for Latin-1, in which older recorders wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

struct WfdbSignal {
    std::string file;                 // name as written, relative to the header's folder
    int format = 0;                   // signal format number: 16, 212, …
    std::uint32_t frame_samples = 1;  // samples per frame ("16x4")
    std::uint32_t skew = 0;           // frames of this signal before frame 0 (":3")
    std::uint64_t byte_offset = 0;    // where samples begin in the file ("+24")
    double gain = 200.0;              // ADC units per physical unit; an absent or zero gain is 200
    std::int64_t baseline = 0;        // digital value of physical zero; ADC zero when absent
    std::string units = "mV";
    int adc_resolution = 0;  // bits; 0 unknown
    std::int64_t adc_zero = 0;
    std::int64_t initial_value = 0;         // ADC zero when absent
    std::optional<std::uint16_t> checksum;  // sum of all samples modulo 65536
    std::int64_t block_size = 0;
    std::string description;  // the lead's label
    std::size_t line = 0;     // in the header, from 1
};

// One line of a multi-segment header.
struct WfdbSegment {
    std::string record;         // name as written, relative to the header's folder; "~": a gap
    std::uint64_t samples = 0;  // frames; 0 in the first: it describes the signals (the layout)
    std::size_t line = 0;       // in the header, from 1
};

struct WfdbHeader {
    std::filesystem::path path;
    std::string record;
    std::uint64_t segments = 0;           // 0: not a multi-segment record
    std::uint64_t announced_signals = 0;  // by the record line
    double sampling_rate = 250.0;         // frames per second; 250 when absent
    std::optional<double> counter_frequency;
    double base_counter = 0;
    std::optional<std::uint64_t> samples;  // frames; absent or 0 in the file: nothing
    std::string base_time;                 // as written
    std::string base_date;
    std::vector<WfdbSignal> signals;        // empty for a multi-segment record
    std::vector<WfdbSegment> segment_list;  // empty for any other
    std::vector<std::string> comments;      // without '#', blanks around removed
};

// Most signals that a record may announce: high-density electrode arrays have some thousands.
inline constexpr std::uint64_t max_wfdb_signals = 65536;

// Errors: InputError with file and line.
WfdbHeader read_wfdb_header(const std::filesystem::path& path);
WfdbHeader parse_wfdb_header(std::string_view text, const std::filesystem::path& path);

}  // namespace clef
