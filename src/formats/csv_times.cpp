#include "formats/csv_times.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/csv_cells.hpp"

namespace clef {

namespace {

// Times rounded to the recorder's clock are not evenly spaced; a missing row is two steps long.
constexpr double shortest_step = 0.4;
constexpr double longest_step = 1.6;

// Rates at which ECGs are recorded: a column "time" without a unit is in seconds if that gives one.
constexpr double lowest_rate = 20;
constexpr double highest_rate = 20000;

}  // namespace

CsvTimes::CsvTimes(const CsvLayout& layout, std::size_t column, std::string source)
    : source_(std::move(source)),
      column_(layout.columns[column]),
      decimal_comma_(layout.decimal_comma) {}

void CsvTimes::add(std::string_view cell, std::size_t line) {
    const std::optional<double> time = parse_number(cell, decimal_comma_);
    if (!time) {
        if (bad_line_ == 0) bad_cell_ = cell.substr(0, 40);
        if (bad_line_ == 0) bad_line_ = line;
        return;
    }
    const std::size_t point = cell.find_first_of(".,");
    if (point != std::string_view::npos) {
        const auto digits = static_cast<double>(std::min<std::size_t>(cell.size() - point - 1, 15));
        resolution_ = std::min(resolution_, std::pow(10.0, -digits));
    }
    if (count_ == 0) first_ = *time;
    if (count_ > 0) {
        const double step = *time - last_;
        if (count_ == 1 || step < shortest_.size) shortest_ = {step, line};
        if (count_ == 1 || step > longest_.size) longest_ = {step, line};
    }
    last_ = *time;
    ++count_;
}

void CsvTimes::check_spacing(double mean) const {
    const bool gap = longest_.size > longest_step * mean;
    if (gap || shortest_.size < shortest_step * mean) {
        const Step& step = gap ? longest_ : shortest_;
        fail_input(
            "{}: line {}: column '{}' goes on by {:g}, but by {:g} on average: rows are missing or "
            "doubled. Fill them (empty cells are missing samples), or give --fs HZ to take the "
            "rows as evenly spaced",
            source_, step.line, column_.heading, step.size, mean);
    }
}

std::optional<double> CsvTimes::rate_if_good() const {
    try {
        return rate();
    } catch (const InputError&) {
        return std::nullopt;
    }
}

double CsvTimes::rate() const {
    if (bad_line_ > 0) {
        fail_input(
            "{}: line {}: '{}' in column '{}'; expected a time as a number, or --fs HZ for rows "
            "that are evenly spaced",
            source_, bad_line_, bad_cell_, column_.heading);
    }
    if (count_ < 2 || !(last_ > first_)) {
        fail_input("{}: the times in column '{}' do not grow; give --fs HZ", source_,
                   column_.heading);
    }
    const double mean = (last_ - first_) / static_cast<double>(count_ - 1);
    check_spacing(mean);
    double seconds = seconds_per(column_.unit);
    if (seconds == 0) {
        seconds = 1;
        if (1 / mean < lowest_rate || 1 / mean > highest_rate) {
            fail_input(
                "{}: column '{}' goes on by {:g}, of what unit is not known; name it "
                "time_s or time_ms, or give --fs HZ",
                source_, column_.heading, mean);
        }
    }
    const double rate = 1 / (mean * seconds);
    const double rounding = rate * resolution_ / (last_ - first_);
    const double whole = std::round(rate);
    return std::abs(rate - whole) <= std::max(rounding, 1e-9 * rate) ? whole : rate;
}

std::size_t find_time_column(const CsvLayout& layout, std::string_view first_row) {
    std::vector<std::string_view> cells;
    split_cells(first_row, layout.separator, cells);
    std::size_t best = layout.columns.size();
    int best_rank = 0;
    for (std::size_t i = 0; i < std::min(cells.size(), layout.columns.size()); ++i) {
        const CsvColumn& column = layout.columns[i];
        if (column.kind != CsvColumn::Kind::time) continue;
        if (!parse_number(cells[i], layout.decimal_comma)) continue;
        const bool sensor = lower(column.heading).find("sensor") != std::string::npos;
        const int rank = column.unit.empty() ? 1 : sensor ? 3 : 2;
        if (rank <= best_rank) continue;
        best = i;
        best_rank = rank;
    }
    return best;
}

}  // namespace clef
