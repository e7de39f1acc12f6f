// Units of voltage as ECG files write them.
#pragma once

#include <optional>
#include <string_view>

namespace clef {

// How many millivolts one of this unit is: "mV" 1, "uV" and "µV" (either code point, UTF-8 or
// Latin-1) 0.001, "nV" 1e-6, "V" 1000. Nothing for any other unit ("NU", "mmHg", ""). Case does
// not matter: nobody measures an ECG in megavolts.
std::optional<double> millivolts_per(std::string_view unit);

}  // namespace clef
