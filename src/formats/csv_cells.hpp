// Lines and cells of a table of numbers, walked over the mapped file without copying it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

// One line after the other, without its end ("\n", "\r\n" or "\r").
class LineWalk {
  public:
    explicit LineWalk(std::string_view text, std::size_t position = 0, std::size_t line = 0)
        : text_(text), next_(position), line_(line) {}

    bool next();
    std::string_view text() const { return current_; }
    std::size_t begin() const { return begin_; }  // byte of the current line
    std::size_t end() const { return next_; }     // byte of the line after it
    std::size_t line() const { return line_; }    // its number, from 1

  private:
    std::string_view text_;
    std::string_view current_;
    std::size_t begin_ = 0;
    std::size_t next_ = 0;
    std::size_t line_ = 0;
};

// Blanks as a separator mean any run of them.
inline constexpr char blanks = ' ';

// A line with more cells than this is cut there: it is no table of signals.
inline constexpr std::size_t most_cells = 4097;

// The cells of a line, blanks and quotes around them removed. A doubled quote inside of quotes
// stays doubled: no number has one.
void split_cells(std::string_view line, char separator, std::vector<std::string_view>& cells);

// "", "nan", "NA", "null": a sample that was not measured.
bool is_missing(std::string_view cell);

// A number; its decimal separator may be a comma where `decimal_comma`.
std::optional<double> parse_number(std::string_view cell, bool decimal_comma);

// "10:00:01.5", "2020-01-01T10:00:00Z", "01.02.2020 10:00": a time of day or a date.
bool is_clock(std::string_view cell);

}  // namespace clef
