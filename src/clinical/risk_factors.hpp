// What is known of a patient when a clinical risk score is asked for. Anything may be missing.
#pragma once

#include <optional>

namespace clef {

enum class Sex { female, male };

struct RiskFactors {
    std::optional<double> age;  // years
    std::optional<Sex> sex;
    std::optional<double> sbp_mmhg;                  // systolic blood pressure
    std::optional<double> total_cholesterol_mmol_l;  // mg/dL ÷ 38.67
    std::optional<double> hdl_mmol_l;
    std::optional<bool> smoker;    // currently
    std::optional<bool> diabetes;  // not an attribute of SCORE2's population: missing is "no"
};

}  // namespace clef
