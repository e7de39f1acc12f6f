// How a text file holds a recording: what stands above the numbers, what separates them, which
// columns are leads. Tables of columns with or without headings, one value per line, and the
// exports of watches and chest straps, which put "name,value" lines above one value per line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_columns.hpp"

namespace clef {

struct CsvLayout {
    std::string format = "CSV";  // "Apple Watch CSV", "Polar CSV"
    char separator = ',';
    bool decimal_comma = false;
    std::vector<CsvColumn> columns;  // as many as each line has cells
    std::size_t data_begin = 0;      // byte of the first line of numbers
    std::size_t lines_above = 0;     // before it
    std::optional<double> sampling_rate;
    std::string unit;   // of all columns, from a line above the numbers; or ""
    std::string label;  // of the one column, likewise
    std::string start;
    std::vector<std::string> comments;  // lines that begin with '#', without it

    // Positions in `columns` of those that hold signals.
    std::vector<std::size_t> signals() const;
};

// Whether this, the beginning of a file, is text with a line of numbers in it.
bool is_table_of_numbers(std::string_view beginning);

// `columns_expected`: how many leads the user named, 0 when none; it decides whether "0,5" is one
// number or two where nothing else does. Errors: InputError naming the line.
CsvLayout parse_csv_layout(std::string_view text, const std::string& source,
                           std::size_t columns_expected);

}  // namespace clef
