// Age and sex from the free text of a recording's header, as PhysioNet's data sets write them.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "clinical/risk_factors.hpp"

namespace clef {

struct AgeAndSex {
    std::optional<double> age;  // years
    std::optional<Sex> sex;
};

// "Age: 63", "<age>: 63", "age: 63 sex: F", "Sex: Male", "Gender: female"; and a first comment that
// begins as MIT-BIH's do: "69 M 1085 1629 x1". Ages outside of 0 to 130 ("-1", "NaN") and sexes
// that are neither are not known. The first of each counts.
AgeAndSex age_and_sex(std::span<const std::string> comments);

}  // namespace clef
