// The annotations of a recording, cut and shifted with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "formats/csv_writer.hpp"
#include "formats/ecg_reader.hpp"

namespace clef {

// The stretch of a recording that is converted: samples [from, from + samples) at `sampling_rate`.
struct Stretch {
    double sampling_rate = 0;
    std::uint64_t from = 0;
    std::uint64_t samples = 0;
    bool is_whole = true;
};

// All sets that the recording has, or those named; samples and seconds count from the stretch's
// beginning, and what lies outside is left out, unless the stretch is the whole recording.
// Errors: InputError as of reading them, or when a named set is not there.
std::vector<NamedAnnotations> annotations_within(const std::filesystem::path& in,
                                                 const EcgReader& reader,
                                                 const std::vector<std::string>& annotators,
                                                 const Stretch& stretch);

// Of a WFDB record to another: OUT.EXTENSION for each set. The same bytes where nothing is cut off
// and the rate is the header's; else the same annotations with the same head. Returns the files
// written; `count` grows by the annotations in them.
std::vector<std::filesystem::path> copy_wfdb_annotations(const std::filesystem::path& in,
                                                         const std::filesystem::path& out,
                                                         const std::vector<std::string>& annotators,
                                                         const Stretch& stretch,
                                                         std::size_t& count);

}  // namespace clef
