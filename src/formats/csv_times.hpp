// The sampling rate of a table, from its column of times.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "formats/csv_layout.hpp"

namespace clef {

// Takes the times row by row, in constant memory, and says at the end what rate they have.
class CsvTimes {
  public:
    // `layout.columns[column]` counts time.
    CsvTimes(const CsvLayout& layout, std::size_t column, std::string source);

    void add(std::string_view cell, std::size_t line);

    // In Hz; a rate that differs from a whole number by no more than the times' own rounding is
    // that number. Errors: InputError naming the line of a cell that is no number, or where the
    // times jump or stand still; or saying that the column's unit is not known. It names --fs, with
    // which rows are taken as evenly spaced.
    double rate() const;
    std::optional<double> rate_if_good() const;  // nothing where rate() would fail

  private:
    struct Step {
        double size = 0;
        std::size_t line = 0;  // it ends there
    };

    void check_spacing(double mean) const;

    std::string source_;
    const CsvColumn& column_;
    bool decimal_comma_;
    std::string bad_cell_;
    std::size_t bad_line_ = 0;  // of the first cell that is no number; 0 when all are
    std::size_t count_ = 0;
    double first_ = 0;
    double last_ = 0;
    double resolution_ = 1;  // of the digits behind the decimal point
    Step shortest_;
    Step longest_;
};

// The column that the rate comes from: one with a unit by preference (a sensor's own clock before
// others), whose cell in the first row is a number. `columns.size()` when there is none.
std::size_t find_time_column(const CsvLayout& layout, std::string_view first_row);

}  // namespace clef
