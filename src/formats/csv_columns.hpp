// What a column's heading says: the name of a lead, its unit, or that the column counts time.
#pragma once

#include <string>
#include <string_view>

namespace clef {

struct CsvColumn {
    enum class Kind { values, time, counter };
    Kind kind = Kind::values;
    std::string heading;  // as the file writes it, in UTF-8
    std::string label;    // the heading without its unit; "" where it is no name ("value")
    std::string unit;     // "I [mV]", "I (mV)", "ecg_mV"; of times: "s", "ms", "us", "ns"; or ""
};

CsvColumn parse_column(std::string_view heading);

// Seconds per unit of time; 0 for what is none.
double seconds_per(std::string_view unit);

}  // namespace clef
