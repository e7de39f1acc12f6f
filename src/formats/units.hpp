// Units of voltage as ECG files and users write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clef {

// How many millivolts one of this unit is: "mV" 1, "uV" and "µV" (either code point, UTF-8 or
// Latin-1) 0.001, "nV" 1e-6, "V" 1000. Nothing for any other unit ("NU", "mmHg", ""). Case does
// not matter: nobody measures an ECG in megavolts.
std::optional<double> millivolts_per(std::string_view unit);

// What a file's numbers are: number × factor is in millivolts where in_millivolts, otherwise in
// `unit`.
struct UnitScale {
    std::string unit;
    double factor = 1;
    bool in_millivolts = false;
};

// Of a unit as a file states it: any text.
UnitScale unit_scale(std::string_view unit);

// What the option --units may say: a unit of voltage ("mV", "uV", "V"), so many steps to one
// ("200/mV", as WFDB headers state a converter's gain), or "NU" for numbers that are no voltage
// (any more). InputError for anything else, which would more likely be a slip than a unit.
UnitScale parse_units_option(std::string_view text);

}  // namespace clef
