// The attributes of a patient that risk scores ask for, by name. Pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "clinical/risk_factors.hpp"

namespace clef {

// Diabetes is none of them: SCORE2 is meant for people without it, and not known counts as "no".
enum class Attribute { age, sex, systolic_pressure, total_cholesterol, hdl_cholesterol, smoking };

std::string attribute_name(Attribute attribute);  // "systolic blood pressure"
bool is_known(const RiskFactors& factors, Attribute attribute);

// Names of those of `attributes` that are not known, in the order given.
std::vector<std::string> missing_attributes(const RiskFactors& factors,
                                            std::span<const Attribute> attributes);

// The factors less everything that is neither among `attributes` nor diabetes.
RiskFactors only(const RiskFactors& factors, std::span<const Attribute> attributes);

}  // namespace clef
