// Times as the WFDB programs print them: elapsed ("   0:12.406") or, where the header has a base
// time, of the day ("[15:14:12.960]", "[17:27:45.000 15/08/1994]").
// Source: WFDB Programmer's Guide, mstimstr(), strtim() and strdat(). Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/wfdb_header.hpp"

namespace clef {

// When a record began.
struct WfdbBaseTime {
    double milliseconds = 0;               // since midnight
    std::optional<std::int64_t> day = {};  // days since 1970-01-01; nothing without a date

    // A base time of exactly midnight without a date is, for the WFDB programs, none at all.
    bool is_known() const { return milliseconds != 0 || day.has_value(); }
};

// What the header says; anything that is not "h:m:s" or "d/m/y" counts as absent, as it does there.
WfdbBaseTime wfdb_base_time(const WfdbHeader& header);

// Ticks since the record's start as time of day where the base time is known and ticks ≥ 0, else
// as an interval. Rounded to milliseconds.
std::string wfdb_time_text(std::int64_t ticks, double ticks_per_second, const WfdbBaseTime& base);
std::string wfdb_elapsed_text(std::int64_t ticks, double ticks_per_second);

// A position in a recording as a person types it, as the WFDB programs take it: "2.5" seconds,
// "1:30" or "1:02:03.5" minutes or hours, "s3600" a sample. Rounded to the nearest sample; nothing
// for anything else, or below zero.
std::optional<std::uint64_t> parse_sample_position(std::string_view text, double sampling_rate);

}  // namespace clef
