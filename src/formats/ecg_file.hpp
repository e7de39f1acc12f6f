// Opens any ECG file that the program knows as named leads in millivolts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "formats/recording.hpp"

namespace clef {

struct ReadOptions {
    // Names (any alias) of the leads wanted, in this order; empty: all, in the file's order.
    // An absent lead is an InputError that lists those present.
    std::vector<std::string> leads = {};
    // Sample range at the recording's own rate: [from, to). `to` beyond the end is clipped.
    std::uint64_t from = 0;
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
    // What the file does not say (NPY, CSV): required there, refused where the file says otherwise.
    std::optional<double> sampling_rate = std::nullopt;
    std::optional<std::string> units = std::nullopt;
};

// `path` may be a WFDB record with or without ".hea" (or its ".dat"/".mat" file).
// Errors: InputError naming the file, and the byte or line where one is to blame. Thread-safe.
Recording read_ecg(const std::filesystem::path& path, const ReadOptions& options = {});

// What a recording's header says, without reading its samples.
struct RecordingInfo {
    std::string format;  // "WFDB"
    double sampling_rate = 0;
    std::uint64_t samples = 0;
    std::vector<std::string> leads;  // canonical names
    std::vector<std::string> units;
    std::vector<std::string> comments;
};
RecordingInfo read_ecg_info(const std::filesystem::path& path);

}  // namespace clef
