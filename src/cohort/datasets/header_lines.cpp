#include "cohort/datasets/header_lines.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

std::vector<std::string> header_comments(const std::filesystem::path& header) {
    std::vector<std::string> comments;
    if (!std::filesystem::is_regular_file(header)) return comments;
    constexpr std::uintmax_t most = 1 << 20;
    const std::string text = read_text_file(header, most);
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view found = trim(line);
        if (found.starts_with('#')) comments.emplace_back(trim(found.substr(1)));
    }
    return comments;
}

std::vector<std::string> diagnoses(std::span<const std::string> comments) {
    std::vector<std::string> found;
    for (const std::string& comment : comments) {
        if (!lower(comment).starts_with("dx:")) continue;
        for (const std::string_view one : split(std::string_view(comment).substr(3), ',')) {
            const std::string_view code = trim(one);
            if (!code.empty() && lower(code) != "unknown") found.emplace_back(code);
        }
    }
    return found;
}

}  // namespace clef
