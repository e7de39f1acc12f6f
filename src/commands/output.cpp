#include "commands/output.hpp"

#include <cstdio>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"

namespace clef {

void print_json(const nlohmann::json& json) {
    fmt::print("{}\n", json.dump(2));
}

void write_skipped(const Skipped& skipped, const std::filesystem::path& path) {
    if (skipped.empty()) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        return;
    }
    std::string text = csv_line({"record", "reason"});
    for (const auto& [record, reason] : skipped) text += csv_line({record, reason});
    write_file(path, text);
    warn(fmt::format("{} recording{} skipped, listed with reasons in {}", skipped.size(),
                     skipped.size() == 1 ? "" : "s", path.string()));
}

}  // namespace clef
