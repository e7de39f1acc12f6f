#include "cohort/datasets/published_table.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/datasets/dataset.hpp"

namespace clef {

namespace {

std::string collapsed(std::string_view name) {
    std::string result;
    for (const std::string_view word : split_blanks(name)) {
        if (!result.empty()) result += ' ';
        result += word;
    }
    return result;
}

bool says_missing(std::string_view cell) {
    static constexpr std::array<std::string_view, 7> words{"na",   "n/a",  "nan",    "none",
                                                           "null", "<na>", "unknown"};
    if (cell.size() > 7) return false;
    return std::find(words.begin(), words.end(), lower(cell)) != words.end();
}

}  // namespace

PublishedTable::PublishedTable(CsvTable table, const DatasetOrigin& origin,
                               const std::vector<std::string>& required)
    : table_(std::move(table)) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        index_.emplace(collapsed(table_.columns[i]), i);
    }
    std::vector<std::string> missing;
    for (const std::string& name : required) {
        if (!has(name)) missing.push_back("'" + name + "'");
    }
    if (missing.empty()) return;
    fail_input("{}: no column {}; {} as published ({}) has {}. Found: {}", table_.source,
               join(missing, ", "), origin.title, origin.source, join(required, ", "),
               join(table_.columns, ", "));
}

bool PublishedTable::has(std::string_view column) const {
    return index_.contains(collapsed(column));
}

std::string_view PublishedTable::cell(std::size_t row, std::string_view column) const {
    const auto found = index_.find(column);  // the usual case needs no collapsing
    const auto index = found != index_.end() ? found : index_.find(collapsed(column));
    if (index == index_.end()) return {};
    const std::string_view text = trim(table_.rows.at(row)[index->second]);
    return says_missing(text) ? std::string_view() : text;
}

std::string PublishedTable::text(std::size_t row, std::string_view column) const {
    const std::string_view found = cell(row, column);
    if (found.empty()) fail_input("{}: empty", place(row, column));
    return std::string(found);
}

std::optional<double> PublishedTable::number(std::size_t row, std::string_view column, double low,
                                             double high) const {
    const std::string_view found = cell(row, column);
    if (found.empty()) return std::nullopt;
    const auto value = published_number(found);
    if (!value || *value < low || *value > high) {
        fail_input("{}: found '{}', expected a number from {} to {}", place(row, column), found,
                   low, high);
    }
    return value;
}

std::string PublishedTable::place(std::size_t row, std::string_view column) const {
    return fmt::format("{}: line {}: column '{}'", table_.source, table_.lines.at(row), column);
}

PublishedTable read_published_table(const std::filesystem::path& root, const std::string& name,
                                    const DatasetOrigin& origin,
                                    const std::vector<std::string>& required, char separator) {
    const std::filesystem::path path = require_file(root, name, origin.title, origin.source);
    return PublishedTable(read_csv(path, separator), origin, required);
}

void read_published_pieces(const std::filesystem::path& root, const std::string& name,
                           const DatasetOrigin& origin, const std::vector<std::string>& required,
                           const std::function<void(const PublishedTable&)>& visit) {
    const std::filesystem::path path = require_file(root, name, origin.title, origin.source);
    const MappedFile file(path);
    const std::string_view text = file.text();
    const std::size_t header_end = std::min(text.find('\n'), text.size());
    const std::string header(text.substr(0, header_end));
    std::size_t position = std::min(header_end + 1, text.size());
    std::size_t line = 1;  // of the header's
    constexpr std::size_t piece_bytes = std::size_t{8} << 20;
    do {
        // Up to the first line's end behind piece_bytes that is not within quotes.
        std::size_t end = position;
        bool quoted = false;
        while (end < text.size() && (end - position < piece_bytes || quoted || text[end] != '\n')) {
            if (text[end] == '"') quoted = !quoted;
            ++end;
        }
        std::string piece = header + "\n";
        piece += text.substr(position, end - position);
        CsvTable table = parse_csv(piece, path.string());
        for (std::size_t& one : table.lines) one += line - 1;
        line += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
        visit(PublishedTable(std::move(table), origin, required));
        position = std::min(end + 1, text.size());
    } while (position < text.size());
}

std::optional<double> published_number(std::string_view text) {
    if (const auto value = parse_double(text)) return value;
    if (std::count(text.begin(), text.end(), ',') != 1 || text.find('.') != std::string_view::npos)
        return std::nullopt;
    std::string with_point(text);
    with_point[with_point.find(',')] = '.';
    return parse_double(with_point);
}

std::optional<double> PlausibleNumbers::take(std::optional<double> value, double low, double high) {
    if (!value || (*value >= low && *value <= high)) return value;
    ++left_out_;
    return std::nullopt;
}

}  // namespace clef
