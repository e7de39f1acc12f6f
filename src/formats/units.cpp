#include "formats/units.hpp"

#include <array>
#include <string>

#include "base/error.hpp"
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

UnitScale unit_scale(std::string_view unit) {
    const std::optional<double> millivolts = millivolts_per(unit);
    return {std::string(trim(unit)), millivolts.value_or(1.0), millivolts.has_value()};
}

UnitScale parse_units_option(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view unit = slash == std::string_view::npos ? text : text.substr(slash + 1);
    UnitScale scale = unit_scale(unit);
    if (slash != std::string_view::npos) {
        const std::optional<double> steps = parse_double(text.substr(0, slash));
        if (!scale.in_millivolts || !steps || !(*steps > 0)) {
            fail_input(
                "--units {}: expected a number above zero, '/', and a unit of voltage, as in "
                "200/mV",
                text);
        }
        scale.factor /= *steps;
        return scale;
    }
    if (scale.in_millivolts || lower(scale.unit) == "nu") return scale;
    fail_input(
        "--units {}: expected mV, uV, V, nV, a gain such as 200/mV (steps per unit), or NU "
        "for numbers that are no voltage",
        text);
}

}  // namespace clef
