#include "formats/units.hpp"

#include <array>
#include <string>

#include "base/text.hpp"

namespace clef {

namespace {

struct Unit {
    std::string_view name;
    double millivolts;
};

constexpr std::array known{
    Unit{"mv", 1.0},         Unit{"millivolt", 1.0},   Unit{"millivolts", 1.0},
    Unit{"uv", 1e-3},        Unit{"\xC2\xB5v", 1e-3},  // micro sign, UTF-8
    Unit{"\xCE\xBCv", 1e-3},                           // Greek mu, UTF-8
    Unit{"\xB5v", 1e-3},                               // micro sign, Latin-1
    Unit{"microvolt", 1e-3}, Unit{"microvolts", 1e-3}, Unit{"nv", 1e-6},
    Unit{"nanovolt", 1e-6},  Unit{"nanovolts", 1e-6},  Unit{"v", 1000.0},
    Unit{"volt", 1000.0},    Unit{"volts", 1000.0},
};

}  // namespace

std::optional<double> millivolts_per(std::string_view unit) {
    const std::string wanted = lower(trim(unit));
    for (const Unit& candidate : known) {
        if (candidate.name == wanted) return candidate.millivolts;
    }
    return std::nullopt;
}

}  // namespace clef
