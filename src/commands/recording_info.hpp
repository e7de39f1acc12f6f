// What `clef info` says of a recording: its header, whether the samples have its checksums, the
// leads that could be derived, and the signal quality of each lead.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "formats/ecg_file.hpp"

namespace clef {

struct RecordingInfoOptions {
    bool quality = true;   // reads the samples
    bool windows = false;  // the quality of every window, not of the whole alone
    ReadOptions read;
};

// Errors: InputError as the reader's.
nlohmann::json recording_description(const std::string& path, const RecordingInfoOptions& options);

// For people, on standard output.
void print_recording(const nlohmann::json& description, const std::string& path);

}  // namespace clef
