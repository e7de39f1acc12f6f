#include "formats/csv_cells.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace clef {

bool LineWalk::next() {
    if (next_ >= text_.size()) return false;
    begin_ = next_;
    const std::size_t end = std::min(text_.find_first_of("\r\n", begin_), text_.size());
    current_ = text_.substr(begin_, end - begin_);
    next_ = end;
    if (next_ < text_.size()) {
        const bool pair = text_.substr(next_).starts_with("\r\n");
        next_ += pair ? 2 : 1;
    }
    ++line_;
    return true;
}

namespace {

std::string_view without_quotes(std::string_view cell) {
    cell = trim(cell);
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
        cell = trim(cell.substr(1, cell.size() - 2));
    }
    return cell;
}

}  // namespace

void split_cells(std::string_view line, char separator, std::vector<std::string_view>& cells) {
    cells.clear();
    if (separator == blanks) line = trim(line);
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i < line.size() && line[i] == '"') quoted = !quoted;
        const bool ends = i == line.size() || (line[i] == separator && !quoted);
        if (!ends) continue;
        const std::string_view cell = without_quotes(line.substr(begin, i - begin));
        if (separator != blanks || !cell.empty()) cells.push_back(cell);
        begin = i + 1;
        if (cells.size() == most_cells) return;
    }
}

bool is_missing(std::string_view cell) {
    if (cell.empty()) return true;
    if (cell.size() > 4) return false;
    constexpr std::array<std::string_view, 5> words{"nan", "na", "n/a", "null", "none"};
    return std::find(words.begin(), words.end(), lower(cell)) != words.end();
}

std::optional<double> parse_number(std::string_view cell, bool decimal_comma) {
    constexpr std::size_t longest = 64;
    const std::size_t comma = cell.find(',');
    if (!decimal_comma || comma == std::string_view::npos) return parse_double(cell);
    if (cell.size() > longest || cell.find('.') != std::string_view::npos) return std::nullopt;
    std::array<char, longest> digits{};
    std::copy(cell.begin(), cell.end(), digits.begin());
    digits[comma] = '.';  // a second comma stays, and makes it no number
    return parse_double({digits.data(), cell.size()});
}

bool is_clock(std::string_view cell) {
    if (cell.size() < 5 || cell.front() < '0' || cell.front() > '9') return false;
    const auto count = [&](char c) { return std::count(cell.begin(), cell.end(), c); };
    const bool plain = cell.find_first_not_of("0123456789-+:./,TZ ") == std::string_view::npos;
    return plain && (count(':') >= 1 || count('-') == 2 || count('/') == 2 || count('.') == 2);
}

}  // namespace clef
