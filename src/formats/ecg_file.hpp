// Opens any ECG file that the program knows as named leads in millivolts. The format is found from
// what the file holds, not from its name; one reader per format stands behind ecg_reader.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/recording.hpp"

namespace clef {

struct ReadOptions {
    // Names (any alias) of the leads wanted, in this order; empty: all, in the file's order.
    // An absent limb lead is derived from two others where there are two (derived_leads.hpp), and
    // said so; any other absent lead is an InputError that lists those present.
    std::vector<std::string> leads = {};
    // Sample range at the recording's own rate: [from, to). `to` beyond the end is clipped.
    std::uint64_t from = 0;
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
    // What the file does not say (NPY, CSV, MATLAB): required there (--fs, --units, --lead-names),
    // refused where the file says otherwise.
    std::optional<double> sampling_rate = std::nullopt;
    std::optional<std::string> units = std::nullopt;  // "uV", "200/mV", "NU": parse_units_option()
    std::vector<std::string> lead_names = {};         // one per column of the file, in its order
    std::string variable = {};  // which variable of a MATLAB file (--variable); empty: the only one
};

// One signal of a file, as its header describes it. Files may hold signals of several rates.
struct SignalInfo {
    std::string name;   // canonical (leads.hpp)
    std::string label;  // as the file writes it
    std::string unit;   // as the file writes it
    double sampling_rate = 0;
    std::uint64_t samples = 0;
};

// What a recording's header says, without reading its samples.
struct RecordingInfo {
    std::string format;  // "WFDB", "EDF+", …
    // Of the signals that read_ecg() gives when no lead is named: see default_signals().
    double sampling_rate = 0;
    std::uint64_t samples = 0;
    std::vector<std::string> leads;  // canonical names of all signals
    std::vector<std::string> units;
    std::vector<std::string> comments;
    std::string start;  // date and time as the file says, "" when it does not
    std::vector<SignalInfo> signals;
};

// `path` may be a WFDB record with or without ".hea" (or its ".dat"/".mat" file), or a file of any
// other format of ecg_formats(). All leads of a Recording share one sampling rate: signals of other
// rates are left out, and said so, unless named; naming leads of different rates is an error.
// Errors: InputError naming the file, and the byte or line where one is to blame. Thread-safe.
Recording read_ecg(const std::filesystem::path& path, const ReadOptions& options = {});
RecordingInfo read_ecg_info(const std::filesystem::path& path, const ReadOptions& options = {});

// The positions of the signals that are read when no lead is named: those of the rate of the first
// known ECG lead (of the first signal, where none is known).
std::vector<std::size_t> default_signals(const RecordingInfo& info);

class EcgReader;
// The reader behind both: for whoever needs the file's own units or several stretches of one file.
std::unique_ptr<const EcgReader> open_ecg(const std::filesystem::path& path,
                                          const ReadOptions& options = {});

}  // namespace clef
