#include "commands/output.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"

namespace clef {

void print_json(const nlohmann::json& json) {
    fmt::print("{}\n", json.dump(2));
}

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::string text;
    for (const std::string_view word : split(all, '\0')) {
        if (word.empty()) continue;  // behind the last
        if (text.empty()) {
            text = "clef";
            continue;
        }
        const bool plain =
            word.find_first_of(" \t\n\"'$&|;<>()*?[]#~`\\!{}") == std::string_view::npos;
        text += plain ? fmt::format(" {}", word) : fmt::format(" '{}'", word);
    }
    return text;
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
