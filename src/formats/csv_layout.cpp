#include "formats/csv_layout.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/csv_cells.hpp"
#include "formats/leads.hpp"
#include "formats/text_encoding.hpp"
#include "formats/units.hpp"

namespace clef {

namespace {

constexpr std::size_t most_lines_above = 100;
constexpr std::size_t lines_to_judge_by = 50;
constexpr std::size_t most_columns = most_cells - 1;

std::string_view without_mark(std::string_view text) {
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

// The separator of a line of numbers, by what it holds; a comma may turn out to be a decimal one.
char separator_of(std::string_view line) {
    for (const char separator : {'\t', ';', ','}) {
        if (line.find(separator) != std::string_view::npos) return separator;
    }
    return trim(line).find(' ') != std::string_view::npos ? blanks : ',';
}

// All cells are numbers, missing, or times of day, and not every cell is a time.
bool is_line_of_numbers(std::string_view line) {
    std::vector<std::string_view> cells;
    split_cells(line, separator_of(line), cells);
    bool has_value = false;
    for (const std::string_view cell : cells) {
        const bool value = parse_number(cell, true).has_value() || is_missing(cell);
        if (!value && !is_clock(cell)) return false;
        has_value = has_value || value;
    }
    return has_value && !trim(line).empty();
}

bool is_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\t' && c != '\r' && c != '\n';
    });
}

// "512", "512.844 hertz", "512,844 Hz"
std::optional<double> parse_rate(std::string_view value) {
    const std::string text = lower(trim(value));
    const std::size_t end = text.find_first_not_of("0123456789.,");
    if (end == std::string::npos) return std::nullopt;
    const std::string unit(trim(std::string_view(text).substr(end)));
    if (unit != "hz" && unit != "hertz") return std::nullopt;
    const std::optional<double> rate = parse_number(trim(text.substr(0, end)), true);
    return rate && *rate > 0 ? rate : std::nullopt;
}

// "name,value" above the numbers. Names of persons and dates of birth stand there too: only what is
// known to be something else is taken.
void take_statement(std::string_view line, CsvLayout& layout) {
    const std::size_t separator = line.find_first_of(",;\t");
    if (separator == std::string_view::npos) return;
    const std::string key = lower(trim(line.substr(0, separator)));
    std::string_view quoted = trim(line.substr(separator + 1));
    if (quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"') {
        quoted = quoted.substr(1, quoted.size() - 2);
    }
    const std::string value(trim(to_utf8(quoted)));
    if (const auto rate = parse_rate(value)) {
        layout.sampling_rate = rate;
        layout.format = "Apple Watch CSV";
    } else if (millivolts_per(value)) {
        layout.unit = value;
    } else if ((key == "lead" || key == "ableitung") && is_known_lead(value)) {
        layout.label = value;
    } else if (key == "recorded date") {
        layout.start = value;
    }
}

void take_comment(std::string_view line, CsvLayout& layout, const std::string& source,
                  std::size_t number) {
    const std::string_view text = trim(line.substr(1));
    constexpr std::string_view rate_key = "sampling_rate_hz=";
    if (!text.starts_with(rate_key)) {
        if (!text.empty()) layout.comments.push_back(to_utf8(text));
        return;
    }
    layout.sampling_rate = parse_double(text.substr(rate_key.size()));
    if (layout.sampling_rate && *layout.sampling_rate > 0) return;
    fail_input("{}: line {}: '{}'; expected a rate in Hz above zero", source, number, text);
}

// The first lines of numbers.
std::vector<std::string_view> sample_lines(std::string_view text, std::size_t begin) {
    std::vector<std::string_view> lines;
    LineWalk walk(text, begin);
    while (lines.size() < lines_to_judge_by && walk.next()) {
        if (!trim(walk.text()).empty()) lines.push_back(walk.text());
    }
    return lines;
}

// Whether every line is "12,345": digits, one comma, digits. Then the comma may be a decimal one.
bool could_be_decimal_commas(const std::vector<std::string_view>& lines) {
    return std::all_of(lines.begin(), lines.end(), [](std::string_view line) {
        const std::size_t comma = line.find(',');
        if (comma == std::string_view::npos) return true;
        return parse_number(trim(line), true).has_value() && comma > 0 && line[comma + 1] >= '0' &&
               line[comma + 1] <= '9';
    });
}

void find_separator(CsvLayout& layout, std::string_view text, std::string_view heading,
                    const std::string& source, std::size_t columns_expected) {
    const std::vector<std::string_view> lines = sample_lines(text, layout.data_begin);
    layout.separator = separator_of(lines.front());
    layout.decimal_comma = layout.separator != ',';
    const bool has_comma = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
        return line.find(',') != std::string_view::npos;
    });
    if (layout.decimal_comma || !has_comma || !could_be_decimal_commas(lines)) return;
    // A heading of one or two cells, or the number of leads named, says which it is.
    std::size_t columns = columns_expected;
    if (!heading.empty()) columns = heading.find(',') == std::string_view::npos ? 1 : 2;
    if (layout.format == "Apple Watch CSV") columns = 1;
    if (columns == 0) {
        fail_input(
            "{}: line {}: '{}': one number with a decimal comma, or two columns? Give "
            "--lead-names, one name or two, or write a heading above the numbers",
            source, layout.lines_above + 1, trim(lines.front()));
    }
    if (columns != 1) return;
    layout.separator = ';';
    layout.decimal_comma = true;
}

// pandas writes columns without names as 0, 1, 2, …: numbers that are no samples.
void refuse_counted_columns(const std::vector<std::string_view>& cells, const std::string& source,
                            std::size_t line) {
    const std::size_t skipped = cells.front().empty() ? 1 : 0;
    if (cells.size() < skipped + 2 || (skipped == 0 && cells.size() < 4)) return;
    for (std::size_t i = skipped; i < cells.size(); ++i) {
        const std::optional<double> number = parse_number(cells[i], false);
        if (!number || *number != static_cast<double>(i - skipped)) return;
    }
    fail_input(
        "{}: line {} counts the columns (0, 1, 2, …) and holds no samples; remove it, and a first "
        "column that counts the rows (pandas: to_csv with header=False, index=False)",
        source, line);
}

void name_columns(CsvLayout& layout, std::string_view text, std::string_view heading,
                  const std::string& source) {
    LineWalk walk(text, layout.data_begin, layout.lines_above);
    walk.next();
    std::vector<std::string_view> cells;
    split_cells(walk.text(), layout.separator, cells);
    if (cells.size() > most_columns) {
        fail_input("{}: line {}: more than {} columns", source, walk.line(), most_columns);
    }
    refuse_counted_columns(cells, source, walk.line());
    layout.columns.assign(cells.size(), CsvColumn{});
    if (heading.empty()) return;
    std::vector<std::string_view> names;
    split_cells(heading, layout.separator, names);
    if (names.size() != cells.size()) {
        fail_input("{}: line {}: {} cells, but {} headings above them", source, walk.line(),
                   cells.size(), names.size());
    }
    for (std::size_t i = 0; i < names.size(); ++i) layout.columns[i] = parse_column(names[i]);
}

bool has_column(const CsvLayout& layout, std::string_view words) {
    return std::any_of(layout.columns.begin(), layout.columns.end(), [&](const CsvColumn& column) {
        return lower(column.heading).find(words) != std::string::npos;
    });
}

}  // namespace

std::vector<std::size_t> CsvLayout::signals() const {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind == CsvColumn::Kind::values) positions.push_back(i);
    }
    return positions;
}

bool is_table_of_numbers(std::string_view beginning) {
    beginning = without_mark(beginning);
    if (beginning.empty() || !is_text(beginning)) return false;
    LineWalk walk(beginning);
    while (walk.line() < most_lines_above && walk.next()) {
        if (is_line_of_numbers(walk.text())) return true;
    }
    return false;
}

CsvLayout parse_csv_layout(std::string_view text, const std::string& source,
                           std::size_t columns_expected) {
    CsvLayout layout;
    const std::size_t mark = text.size() - without_mark(text).size();
    LineWalk walk(text, mark);
    std::string_view heading;
    bool found = false;
    while (!found && walk.line() < most_lines_above && walk.next()) {
        const std::string_view line = walk.text();
        found = is_line_of_numbers(line);
        if (found) break;
        if (trim(line).starts_with('#')) {
            take_comment(trim(line), layout, source, walk.line());
        } else if (!trim(line).empty()) {
            take_statement(line, layout);
            heading = line;
        }
    }
    if (!found) {
        fail_input("{}: no line of numbers in the first {}", source, most_lines_above);
    }
    layout.data_begin = walk.begin();
    layout.lines_above = walk.line() - 1;
    // Above one value per line stand statements, not headings.
    if (layout.format == "Apple Watch CSV") heading = {};
    find_separator(layout, text, heading, source, columns_expected);
    name_columns(layout, text, heading, source);
    if (has_column(layout, "sensor timestamp")) layout.format = "Polar CSV";
    return layout;
}

}  // namespace clef
