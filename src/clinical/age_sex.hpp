// Risk from age and sex alone. Ours, not a published score: SCORE2 (SCORE2-OP from 70) with every
// other factor at the value that the score itself is centred at, so that those terms vanish:
//   systolic blood pressure 120 mmHg (SCORE2-OP 150), total cholesterol 6 mmol/L, HDL cholesterol
//   1.3 mmol/L (1.4), no smoking, no diabetes.
// What remains is 1 − S0^exp(β_age · age term − mean predictor), recalibrated to the region; the
// coefficients are score2.cpp's. It steps at 70, where one score takes over from the other. Pure.
#pragma once

#include <array>

#include "clinical/attributes.hpp"
#include "clinical/score2.hpp"

namespace clef {

inline constexpr std::array age_sex_attributes = {Attribute::age, Attribute::sex};

// The model is "age-sex (SCORE2)" or "age-sex (SCORE2-OP)". Other factors are not looked at.
RiskResult age_sex_risk(const RiskFactors& factors, Region region);

}  // namespace clef
