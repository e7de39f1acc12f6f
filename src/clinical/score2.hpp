// SCORE2 and SCORE2-OP: the ten-year risk of a first fatal or non-fatal cardiovascular event.
//
// Sources: SCORE2 working group, "SCORE2 risk prediction algorithms", European Heart Journal 42
// (2021) 2439–2454, supplementary methods; SCORE2-OP working group, European Heart Journal 42
// (2021) 2455–2467. The published, rounded coefficients are used: the published examples come out
// with them, and mostly not with the full-precision ones.
//
// SCORE2 holds for ages 40–69, SCORE2-OP for 70–89, in completed years (69.9 is 69). Outside there
// is no score, and none is extrapolated. Pure functions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/attributes.hpp"
#include "clinical/risk_factors.hpp"

namespace clef {

// The four risk regions of Europe that the scores were recalibrated to.
enum class Region { low, moderate, high, very_high };

// "low", "moderate", "high", "very-high" (also with a blank or '_').
std::optional<Region> parse_region(std::string_view name);
std::vector<std::string> region_names();

struct RiskResult {
    std::optional<double> risk;  // fraction, 0–1
    std::string model;           // "SCORE2" or "SCORE2-OP" and what was assumed; empty without risk
    std::string reason;          // why there is no risk; empty with one
};

inline constexpr double score_first_age = 40;
inline constexpr double score_older_age = 70;  // from here on SCORE2-OP
inline constexpr double score_end_age = 90;

// The risk of one patient. No risk, and the reason, when one of the six attributes (age, sex,
// systolic blood pressure, total and HDL cholesterol, smoking) is missing, when one is impossible
// (the reason suggests the unit that was probably meant), or when the age is outside the scores'.
// Diabetes counts as "no" when not known: the scores are meant for people without it.
RiskResult score2(const RiskFactors& factors, Region region);

inline constexpr std::array score2_attributes = {Attribute::age,
                                                 Attribute::sex,
                                                 Attribute::systolic_pressure,
                                                 Attribute::total_cholesterol,
                                                 Attribute::hdl_cholesterol,
                                                 Attribute::smoking};

// The factors at which every term but age's vanishes in the score that holds at this age, without
// age and sex: SBP 120 mmHg, total cholesterol 6 mmol/L, HDL 1.3 mmol/L (SCORE2-OP: 150, 6, 1.4),
// neither smoking nor diabetes.
RiskFactors score_centre(double age);

// What is impossible about the known values: empty, or one reason.
std::string impossible_value(const RiskFactors& factors);

}  // namespace clef
