// What several commands print or write alike.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace clef {

using Skipped = std::vector<std::pair<std::string, std::string>>;  // record, reason

// Result for machines: indented JSON on standard output.
void print_json(const nlohmann::json& json);

// skipped.csv (record,reason) and a warning with the count; nothing, and an old file removed, when
// nothing was skipped.
void write_skipped(const Skipped& skipped, const std::filesystem::path& path);

}  // namespace clef
