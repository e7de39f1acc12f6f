// Reading the tables that data sets are published with, by column name. For the adapters.
//
// A missing column is an InputError that names the data set, what was expected, the columns there
// are and where to get the table; a cell that cannot be read names file, line and column. Columns
// are found by their names with blanks at the ends and runs of blanks ignored, as published tables
// have both. Cells that say that a value is missing (empty, NA, NaN, None, NULL, Unknown) count as
// empty. Safe to read from several threads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"

namespace clef {

// A published data set, for messages.
struct DatasetOrigin {
    std::string title;   // "PTB-XL"
    std::string source;  // "PhysioNet, ptb-xl 1.0.3"
};

class PublishedTable {
  public:
    PublishedTable(CsvTable table, const DatasetOrigin& origin,
                   const std::vector<std::string>& required);

    const std::string& source() const { return table_.source; }
    std::size_t rows() const { return table_.rows.size(); }
    const std::vector<std::string>& columns() const { return table_.columns; }
    bool has(std::string_view column) const;

    // Without blanks at the ends; "" when it says that it is missing, or when there is no such
    // column.
    std::string_view cell(std::size_t row, std::string_view column) const;
    // An InputError when it is empty.
    std::string text(std::size_t row, std::string_view column) const;
    // An InputError when it is no number from low to high; nothing when empty.
    std::optional<double> number(std::size_t row, std::string_view column, double low,
                                 double high) const;
    // "file: line 3: column 'age'"
    std::string place(std::size_t row, std::string_view column) const;

  private:
    CsvTable table_;
    std::map<std::string, std::size_t, std::less<>> index_;
};

// The table `root/name`; an InputError says where to get it when it is not there.
PublishedTable read_published_table(const std::filesystem::path& root, const std::string& name,
                                    const DatasetOrigin& origin,
                                    const std::vector<std::string>& required, char separator = ',');

// The same in pieces of some ten thousand rows, for tables of which the whole would fill the
// memory. Lines in messages are those of the file.
void read_published_pieces(const std::filesystem::path& root, const std::string& name,
                           const DatasetOrigin& origin, const std::vector<std::string>& required,
                           const std::function<void(const PublishedTable&)>& visit);

// A number as published tables write it, with a comma for the decimal point or without. Nothing
// when it is none.
std::optional<double> published_number(std::string_view text);

// A number within the limits that a cohort's column has; one outside of them is counted and left
// out. Published tables hold blood pressures of 0 and ages of 999.
class PlausibleNumbers {
  public:
    std::optional<double> take(std::optional<double> value, double low, double high);
    std::size_t left_out() const { return left_out_; }

  private:
    std::size_t left_out_ = 0;
};

}  // namespace clef
