#include "commands/sample_lines.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

constexpr std::size_t longest_line = 1 << 16;

std::vector<std::string_view> cells_of(std::string_view line) {
    for (const char separator : {',', ';', '\t'}) {
        if (line.find(separator) != std::string_view::npos) return split(line, separator);
    }
    return split_blanks(line);
}

}  // namespace

SampleLines::SampleLines(std::size_t columns, std::vector<std::size_t> wanted, double factor)
    : columns_(columns), wanted_(std::move(wanted)), factor_(factor) {}

void SampleLines::add(std::string_view text) {
    for (;;) {
        const std::size_t end = text.find('\n');
        if (rest_.size() + std::min(end, text.size()) > longest_line) {
            fail_input("standard input: line {}: longer than {} bytes; expected a number per lead",
                       line_ + 1, longest_line);
        }
        if (end == std::string_view::npos) {
            rest_ += text;
            return;
        }
        if (rest_.empty()) {
            add_line(text.substr(0, end));
        } else {
            rest_ += text.substr(0, end);
            add_line(std::exchange(rest_, {}));
        }
        text.remove_prefix(end + 1);
    }
}

void SampleLines::finish() {
    if (!rest_.empty()) add_line(std::exchange(rest_, {}));
}

void SampleLines::add_line(std::string_view line) {
    ++line_;
    const std::string_view trimmed = trim(line);
    const auto cells = cells_of(trimmed);
    const bool empty = trimmed.empty();
    if (!empty && cells.size() != columns_) {
        fail_input(
            "standard input: line {}: {} columns; expected {}, one for each lead. "
            "--lead-names says which leads the columns are",
            line_, cells.size(), columns_);
    }
    for (const std::size_t column : wanted_) {
        const std::string cell = empty ? std::string() : lower(trim(cells[column]));
        float sample = std::numeric_limits<float>::quiet_NaN();
        if (!cell.empty() && cell != "-" && cell != "nan") {
            const auto number = parse_double(cell);
            if (!number) {
                fail_input(
                    "standard input: line {}: '{}': expected a number, or nan or nothing "
                    "for a missing sample",
                    line_, cell);
            }
            sample = static_cast<float>(*number * factor_);
        }
        frames_.push_back(sample);
    }
}

}  // namespace clef
