#include "base/csv.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

// Walks the text once, handing out one record (row of cells) at a time.
class Parser {
  public:
    Parser(std::string_view text, const std::string& source, char separator)
        : text_(text), source_(source), separator_(separator) {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text_.substr(0, 3) == byte_order_mark) text_.remove_prefix(3);
    }

    bool done() const { return position_ >= text_.size(); }
    std::size_t line() const { return line_; }

    std::vector<std::string> record() {
        std::vector<std::string> cells(1);
        while (!done()) {
            const char c = text_[position_++];
            if (c == separator_) {
                cells.emplace_back();
            } else if (c == '\n' || c == '\r') {
                if (c == '\r' && !done() && text_[position_] == '\n') ++position_;
                ++line_;
                return cells;
            } else if (c == '"' && cells.back().empty()) {
                quoted(cells.back());
            } else {
                cells.back() += c;
            }
        }
        return cells;
    }

  private:
    void quoted(std::string& cell) {
        const std::size_t start = line_;
        while (!done()) {
            const char c = text_[position_++];
            if (c == '\n') ++line_;
            if (c != '"') {
                cell += c;
            } else if (!done() && text_[position_] == '"') {
                cell += '"';
                ++position_;
            } else {
                return;
            }
        }
        fail_input(
            "{}: line {}: a quoted cell is not closed; expected a '\"' before the end of the file",
            source_, start);
    }

    std::string_view text_;
    const std::string& source_;
    char separator_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
};

std::vector<std::string> header_of(Parser& parser, const std::string& source) {
    std::vector<std::string> columns = parser.record();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i] = std::string(trim(columns[i]));
        if (columns[i].empty() && i != 0) {
            fail_input("{}: line 1: column {} has no name", source, i + 1);
        }
        if (!seen.insert(columns[i]).second) {
            fail_input("{}: line 1: column '{}' appears twice", source, columns[i]);
        }
    }
    return columns;
}

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
    const auto it = std::find(columns.begin(), columns.end(), column);
    if (it == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(it - columns.begin());
}

std::size_t CsvTable::require(std::string_view column) const {
    if (const auto index = find(column)) return *index;
    fail_input("{}: no column '{}'; found: {}", source, column, join(columns, ", "));
}

CsvTable parse_csv(std::string_view text, const std::string& source, char separator) {
    Parser parser(text, source, separator);
    if (parser.done()) fail_input("{}: empty; expected a header line", source);
    CsvTable table;
    table.source = source;
    table.columns = header_of(parser, source);
    while (!parser.done()) {
        const std::size_t line = parser.line();
        std::vector<std::string> cells = parser.record();
        if (cells.size() == 1 && trim(cells[0]).empty() && table.columns.size() > 1) continue;
        if (cells.size() != table.columns.size()) {
            fail_input("{}: line {}: {} cells, expected {} as in the header", source, line,
                       cells.size(), table.columns.size());
        }
        table.rows.push_back(std::move(cells));
        table.lines.push_back(line);
    }
    return table;
}

CsvTable read_csv(const std::filesystem::path& path, char separator) {
    const MappedFile file(path);
    return parse_csv(file.text(), path.string(), separator);
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i != 0) line += ',';
        if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
            line += cells[i];
            continue;
        }
        line += '"';
        for (const char c : cells[i]) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line + '\n';
}

}  // namespace clef
