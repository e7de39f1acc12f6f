// The one style sheet of report pages, and the colours that drawings name.
#pragma once

#include <string_view>

namespace clef {

// Drawings use its classes and variables: --ink, --muted, --line, --paper; --series-0 … --series-5
// (after Okabe & Ito, "Color universal design", 2008: told apart with any colour vision); the ECG
// grid's --grid-fine and --grid-coarse.
std::string_view report_style();

inline constexpr int series_colours = 6;

}  // namespace clef
