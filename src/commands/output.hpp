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

// The words this process was started with, quoted where a shell needs it; the program's own path
// as its name alone.
std::string command_line();

// skipped.csv (record,reason) and a warning with the count; nothing, and an old file removed, when
// nothing was skipped.
void write_skipped(const Skipped& skipped, const std::filesystem::path& path);

}  // namespace clef
