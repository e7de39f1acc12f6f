#include "formats/csv_columns.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/text_encoding.hpp"
#include "formats/units.hpp"

namespace clef {

namespace {

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Lower case, '_' as a blank.
std::string plain(std::string_view text) {
    std::string result = lower(trim(text));
    std::replace(result.begin(), result.end(), '_', ' ');
    return result;
}

bool is_time_name(const std::string& name) {
    constexpr std::array<std::string_view, 15> names{
        "time", "t",  "times",        "timestamp", "elapsed time", "elapsed",  "seconds", "sec",
        "s",    "ms", "milliseconds", "msec",      "date",         "datetime", "zeit"};
    return is_one_of(names, name) || name.ends_with(" timestamp") || name.ends_with(" time");
}

bool is_counter_name(const std::string& name) {
    constexpr std::array<std::string_view, 8> names{
        "sample", "samples", "index", "sample number", "sample #", "sample index", "n", "#"};
    return is_one_of(names, name);
}

// Headings that say that these are numbers, not which lead they are.
bool is_nameless(const std::string& name) {
    constexpr std::array<std::string_view, 6> names{"value",  "values", "voltage",
                                                    "signal", "data",   "amplitude"};
    return is_one_of(names, name);
}

bool is_unit(std::string_view text) {
    return millivolts_per(text).has_value() || seconds_per(text) > 0;
}

// Parts "name [unit]", "name (unit)", "name_unit" and "name unit"; the last two for known units.
void part(const std::string& heading, CsvColumn& column) {
    column.label = heading;
    for (const auto& [open, close] : {std::pair{'[', ']'}, {'(', ')'}}) {
        const std::size_t begin = heading.rfind(open);
        if (begin == std::string::npos || heading.back() != close) continue;
        column.unit = trim(std::string_view(heading).substr(begin + 1, heading.size() - begin - 2));
        column.label = trim(std::string_view(heading).substr(0, begin));
        return;
    }
    const std::size_t gap = heading.find_last_of(" _");
    const std::string_view last = std::string_view(heading).substr(gap + 1);
    if (!is_unit(last)) return;
    // "s" and "V" alone are units; "t s" too, but "lead V" is no lead in volts.
    if (gap != std::string::npos && lower(last) == "v") return;
    column.unit = last;
    column.label = gap == std::string::npos ? "" : trim(heading.substr(0, gap));
}

}  // namespace

double seconds_per(std::string_view unit) {
    const std::string name = lower(trim(unit));
    if (name == "s" || name == "sec" || name == "seconds") return 1;
    if (name == "ms" || name == "msec" || name == "milliseconds") return 1e-3;
    if (name == "us" || name == "\xC2\xB5s" || name == "\xCE\xBCs") return 1e-6;
    if (name == "ns") return 1e-9;
    return 0;
}

CsvColumn parse_column(std::string_view heading) {
    CsvColumn column;
    column.heading = trim(to_utf8(heading));
    if (column.heading.empty()) return column;
    part(column.heading, column);
    const std::string name = plain(column.label);
    const bool unit_of_time = seconds_per(column.unit) > 0;
    if (unit_of_time || (column.unit.empty() && is_time_name(name))) {
        column.kind = CsvColumn::Kind::time;
    } else if (column.unit.empty() && is_counter_name(name)) {
        column.kind = CsvColumn::Kind::counter;
    } else if (is_nameless(name)) {
        column.label.clear();
    }
    return column;
}

}  // namespace clef
