#include "commands/format_counts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace clef {

namespace {

std::optional<std::size_t> find_column(const Cohort& cohort, const char* name) {
    const auto& columns = cohort.extra_columns;
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace

std::map<std::string, FormatCount> format_counts(const Cohort& cohort) {
    const auto format = find_column(cohort, "format");
    const auto samples = find_column(cohort, "samples");
    const auto checksum = find_column(cohort, "checksum");
    std::map<std::string, FormatCount> counts;
    if (!format || !samples) return counts;
    for (const CohortRow& row : cohort.rows) {
        FormatCount& count = counts[row.extras[*format]];
        ++count.recordings;
        count.samples +=
            static_cast<std::uint64_t>(parse_integer(row.extras[*samples]).value_or(0));
        if (!checksum) continue;
        const std::string& found = row.extras[*checksum];
        ++(found == "ok" ? count.ok : found.starts_with("mismatch") ? count.mismatch : count.none);
    }
    return counts;
}

nlohmann::json format_counts_json(const std::map<std::string, FormatCount>& counts) {
    auto json = nlohmann::json::object();
    for (const auto& [format, count] : counts) {
        json[format] = {{"recordings", count.recordings},
                        {"samples", count.samples},
                        {"checksum_ok", count.ok},
                        {"checksum_mismatch", count.mismatch},
                        {"checksum_none", count.none}};
    }
    return json;
}

void print_format_counts(const std::map<std::string, FormatCount>& counts) {
    if (counts.empty()) return;
    const auto line = [](const auto&... cells) {
        fmt::print("  {:<10} {:>10} {:>14} {:>12} {:>9} {:>8}\n", cells...);
    };
    line("format", "recordings", "samples", "checksum ok", "mismatch", "none");
    for (const auto& [format, count] : counts) {
        line(format, count.recordings, count.samples, count.ok, count.mismatch, count.none);
    }
}

}  // namespace clef
