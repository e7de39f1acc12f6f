#include "formats/csv_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/csv_cells.hpp"
#include "formats/csv_layout.hpp"
#include "formats/csv_times.hpp"
#include "formats/settled_reader.hpp"

namespace clef {

namespace {

constexpr std::uint64_t rows_per_mark = 4096;

// Between the rate that the user gives and that of the times, which a recorder may round.
constexpr double rate_tolerance = 0.01;

// Walks the rows of numbers. A blank line is a missing sample where there is one column, and
// nothing otherwise.
class RowWalk {
  public:
    struct Mark {
        std::size_t begin = 0;  // byte of the row
        std::size_t lines = 0;  // before it
    };

    RowWalk(std::string_view text, const CsvLayout& layout, Mark mark)
        : walk_(text, mark.begin, mark.lines), one_column_(layout.columns.size() == 1) {}

    bool next() {
        while (walk_.next()) {
            const bool blank = walk_.text().find_first_not_of(' ') == std::string_view::npos;
            if (one_column_ || !blank) return true;
        }
        return false;
    }
    std::string_view text() const { return walk_.text(); }
    std::size_t line() const { return walk_.line(); }
    Mark mark() const { return {walk_.begin(), walk_.line() - 1}; }

  private:
    LineWalk walk_;
    bool one_column_;
};

class CsvReader final : public EcgReader {
  public:
    CsvReader(const std::filesystem::path& path, const ReadOptions& options)
        : file_(path),
          source_(path.string()),
          layout_(parse_csv_layout(file_.text(), source_, options.lead_names.size())),
          // Blank lines at the end are no samples.
          text_(file_.text().substr(0, file_.text().find_last_not_of(" \r\n") + 1)),
          columns_(layout_.signals()) {
        if (columns_.empty()) {
            fail_input("{}: no column of samples, only of times and counts", source_);
        }
        const std::optional<double> rate = scan(options.sampling_rate);
        PlainSignals file{layout_.format, rate, {}, {}, rows_};
        for (const std::size_t column : columns_) {
            const CsvColumn& heading = layout_.columns[column];
            file.labels.push_back(heading.label.empty() ? layout_.label : heading.label);
            file.units.push_back(heading.unit.empty() ? layout_.unit : heading.unit);
        }
        settled_ = settle_signals(file, options, source_);
        settled_.info.comments = layout_.comments;
        settled_.info.start = layout_.start;
    }

    const RecordingInfo& info() const override { return settled_.info; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        std::vector<Lead> leads;
        for (const std::size_t signal : signals) {
            const SignalInfo& info = settled_.info.signals[signal];
            leads.push_back(
                {info.name, info.label, info.unit, settled_.scales[signal].in_millivolts, {}});
            leads.back().samples.reserve(static_cast<std::size_t>(to - from));
        }
        RowWalk rows(text_, layout_, marks_[from / rows_per_mark]);
        std::vector<std::string_view> cells;
        for (std::uint64_t row = from / rows_per_mark * rows_per_mark; row < to && rows.next();
             ++row) {
            if (row < from) continue;
            split(rows, cells);
            for (std::size_t i = 0; i < signals.size(); ++i) {
                leads[i].samples.push_back(sample(cells, signals[i], rows.line()));
            }
        }
        return leads;
    }

  private:
    // Counts the rows, marks every 4096th, and finds the rate where the times tell it: unless the
    // user gave one, which they may contradict, but need not be good enough to confirm.
    std::optional<double> scan(std::optional<double> asked) {
        RowWalk rows(text_, layout_, {layout_.data_begin, layout_.lines_above});
        std::optional<CsvTimes> times;
        std::size_t time_column = layout_.columns.size();
        std::vector<std::string_view> cells;
        for (rows_ = 0; rows.next(); ++rows_) {
            if (rows_ % rows_per_mark == 0) marks_.push_back(rows.mark());
            if (rows_ == 0 && !layout_.sampling_rate) {
                time_column = find_time_column(layout_, rows.text());
                if (time_column < layout_.columns.size())
                    times.emplace(layout_, time_column, source_);
            }
            if (!times) continue;
            split(rows, cells);
            times->add(cells[time_column], rows.line());
        }
        if (!times) return layout_.sampling_rate;
        if (!asked) return times->rate();
        const std::optional<double> measured = times->rate_if_good();
        const bool agree = !measured || std::abs(*measured - *asked) <= rate_tolerance * *asked;
        return agree ? asked : measured;
    }

    void split(const RowWalk& rows, std::vector<std::string_view>& cells) const {
        split_cells(rows.text(), layout_.separator, cells);
        if (cells.size() == layout_.columns.size()) return;
        fail_input("{}: line {}: {} cells; expected {}, as in the first line of numbers", source_,
                   rows.line(), cells.size(), layout_.columns.size());
    }

    float sample(const std::vector<std::string_view>& cells, std::size_t signal,
                 std::size_t line) const {
        const std::string_view cell = cells[columns_[signal]];
        if (is_missing(cell)) return std::numeric_limits<float>::quiet_NaN();
        const std::optional<double> number = parse_number(cell, layout_.decimal_comma);
        const double value = number.value_or(0) * settled_.scales[signal].factor;
        if (number && std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()))
            return static_cast<float>(value);
        fail_input(
            "{}: line {}, column {}: '{}'; expected a number, or nothing for a missing "
            "sample",
            source_, line, columns_[signal] + 1, cell.substr(0, 40));
    }

    MappedFile file_;
    std::string source_;
    CsvLayout layout_;
    std::string_view text_;
    std::vector<std::size_t> columns_;  // of the signals
    std::uint64_t rows_ = 0;
    std::vector<RowWalk::Mark> marks_;
    SettledSignals settled_;
};

bool recognises(const FormatCandidate& candidate) {
    if (candidate.path.extension() == ".hea") return false;
    return is_table_of_numbers(
        {reinterpret_cast<const char*>(candidate.beginning.data()), candidate.beginning.size()});
}

std::unique_ptr<const EcgReader> open(const std::filesystem::path& path,
                                      const ReadOptions& options) {
    return std::make_unique<CsvReader>(path, options);
}

}  // namespace

EcgFormat csv_format() {
    return {"CSV", "tables of numbers as text: CSV, TSV, Apple Watch, Polar", recognises, open,
            false};
}

}  // namespace clef
