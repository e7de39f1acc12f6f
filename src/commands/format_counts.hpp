// What a folder holds, format by format: recordings, samples, and whether their checksums are
// right.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cohort/cohort.hpp"

namespace clef {

struct FormatCount {
    std::size_t recordings = 0;
    std::uint64_t samples = 0;  // of one lead
    // Recordings by their checksums: all that are said are right, one is wrong, none is said.
    std::size_t ok = 0;
    std::size_t mismatch = 0;
    std::size_t none = 0;
};

// By the columns format, samples and checksum of the folder's index; empty where there are none.
std::map<std::string, FormatCount> format_counts(const Cohort& cohort);

nlohmann::json format_counts_json(const std::map<std::string, FormatCount>& counts);
// A table on standard output; nothing for no counts.
void print_format_counts(const std::map<std::string, FormatCount>& counts);

}  // namespace clef
