// Comma-separated tables (RFC 4180: quoted cells may hold commas, doubled quotes and line breaks).
// A byte-order mark and Windows line ends are accepted. Reading is hostile-proof: memory is bounded
// by the file's size, and every error names file and line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

struct CsvTable {
    std::string source;                          // for messages
    std::vector<std::string> columns;            // header names, trimmed
    std::vector<std::vector<std::string>> rows;  // each as long as `columns`
    std::vector<std::size_t> lines;              // the line each row starts on, from 1

    // Index of a column, or nothing.
    std::optional<std::size_t> find(std::string_view column) const;
    // Index of a column; an InputError lists the columns there are.
    std::size_t require(std::string_view column) const;
};

// Rows must have as many cells as the header; a duplicate or empty column name is an error, except
// one empty name in the first place (pandas writes its index so).
CsvTable parse_csv(std::string_view text, const std::string& source, char separator = ',');
CsvTable read_csv(const std::filesystem::path& path, char separator = ',');

// One line, cells quoted where needed, ending in '\n'.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace clef
