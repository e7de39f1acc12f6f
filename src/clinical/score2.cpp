#include "clinical/score2.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "base/text.hpp"

namespace clef {

namespace {

// One sex's coefficients of one score; names after the terms of the published tables.
struct Coefficients {
    double age, smoking, sbp, diabetes, total_cholesterol, hdl;
    double smoking_age, sbp_age, diabetes_age, total_cholesterol_age, hdl_age;
    double mean_predictor;  // subtracted from the linear predictor
    double baseline_survival;
};

// A score's centring values and units: its terms are (value − centre) / unit.
struct Scale {
    double age_centre, age_unit;
    double sbp_centre, sbp_unit;
    double total_cholesterol_centre;
    double hdl_centre, hdl_unit;
};

struct Recalibration {
    double intercept, slope;
};

using ByRegion = std::array<Recalibration, 4>;  // low, moderate, high, very high

struct Score {
    const char* name;
    Scale scale;
    Coefficients male, female;
    ByRegion male_regions, female_regions;
};

constexpr Score score2_model{
    "SCORE2",
    {60, 5, 120, 20, 6, 1.3, 0.5},
    {0.3742, 0.6012, 0.2777, 0.6457, 0.1458, -0.2698, -0.0755, -0.0255, -0.0983, -0.0281, 0.0426, 0,
     0.9605},
    {0.4648, 0.7744, 0.3131, 0.8096, 0.1002, -0.2606, -0.1088, -0.0277, -0.1272, -0.0226, 0.0613, 0,
     0.9776},
    {{{-0.5699, 0.7476}, {-0.1565, 0.8009}, {0.3207, 0.9360}, {0.5836, 0.8294}}},
    {{{-0.7380, 0.7019}, {-0.3143, 0.7701}, {0.5710, 0.9369}, {0.9412, 0.8329}}}};

constexpr Score score2_op_model{"SCORE2-OP",
                                {73, 1, 150, 1, 6, 1.4, 1},
                                {0.0634, 0.3524, 0.0094, 0.4245, 0.0850, -0.3564, -0.0247, -0.0005,
                                 -0.0174, 0.0073, 0.0091, 0.0929, 0.7576},
                                {0.0789, 0.4921, 0.0102, 0.6010, 0.0605, -0.3040, -0.0255, -0.0004,
                                 -0.0107, -0.0009, 0.0154, 0.2290, 0.8082},
                                {{{-0.34, 1.19}, {0.01, 1.25}, {0.08, 1.15}, {0.05, 0.70}}},
                                {{{-0.52, 1.01}, {-0.10, 1.10}, {0.38, 1.09}, {0.38, 0.69}}}};

double linear_predictor(const RiskFactors& f, const Coefficients& c, const Scale& s) {
    const double age = (*f.age - s.age_centre) / s.age_unit;
    const double sbp = (*f.sbp_mmhg - s.sbp_centre) / s.sbp_unit;
    const double total = *f.total_cholesterol_mmol_l - s.total_cholesterol_centre;
    const double hdl = (*f.hdl_mmol_l - s.hdl_centre) / s.hdl_unit;
    const double smoking = *f.smoker ? 1 : 0;
    const double diabetes = f.diabetes.value_or(false) ? 1 : 0;
    return c.age * age + c.smoking * smoking + c.sbp * sbp + c.diabetes * diabetes +
           c.total_cholesterol * total + c.hdl * hdl +
           age * (c.smoking_age * smoking + c.sbp_age * sbp + c.diabetes_age * diabetes +
                  c.total_cholesterol_age * total + c.hdl_age * hdl);
}

double risk_of(const RiskFactors& factors, const Score& score, Region region) {
    const bool male = *factors.sex == Sex::male;
    const Coefficients& c = male ? score.male : score.female;
    const ByRegion& regions = male ? score.male_regions : score.female_regions;
    const Recalibration& recalibration = regions[static_cast<std::size_t>(region)];
    // 1 − S0^exp(LP) recalibrated on the scale ln(−ln(1 − risk)), which never leaves the reals.
    const double predictor = linear_predictor(factors, c, score.scale) - c.mean_predictor;
    const double raw = std::log(-std::log(c.baseline_survival)) + predictor;
    return -std::expm1(-std::exp(recalibration.intercept + recalibration.slope * raw));
}

constexpr double milligrams_per_millimole = 38.67;  // cholesterol: mg/dL per mmol/L

std::string impossible_cholesterol(const char* name, double value, double low, double high) {
    if (value >= low && value <= high) return "";
    if (value > high && value / milligrams_per_millimole <= high) {
        return fmt::format("{} {} mmol/L is impossible; {} mg/dL would be {:.2f} mmol/L", name,
                           value, value, value / milligrams_per_millimole);
    }
    return fmt::format("{} {} mmol/L is impossible (expected {} to {})", name, value, low, high);
}

}  // namespace

std::vector<std::string> region_names() {
    return {"low", "moderate", "high", "very-high"};
}

std::optional<Region> parse_region(std::string_view name) {
    std::string wanted = lower(trim(name));
    std::replace_if(
        wanted.begin(), wanted.end(), [](char c) { return c == '_' || c == ' '; }, '-');
    const std::vector<std::string> names = region_names();
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end()) return std::nullopt;
    return static_cast<Region>(found - names.begin());
}

RiskFactors score_centre(double age) {
    const Scale& scale = (age < score_older_age ? score2_model : score2_op_model).scale;
    RiskFactors centre;
    centre.sbp_mmhg = scale.sbp_centre;
    centre.total_cholesterol_mmol_l = scale.total_cholesterol_centre;
    centre.hdl_mmol_l = scale.hdl_centre;
    centre.smoker = false;
    centre.diabetes = false;
    return centre;
}

std::string impossible_value(const RiskFactors& factors) {
    if (factors.age && !(*factors.age >= 0 && *factors.age <= 130)) {
        return fmt::format("age {} is not an age in years", *factors.age);
    }
    if (factors.sbp_mmhg && !(*factors.sbp_mmhg >= 50 && *factors.sbp_mmhg <= 300)) {
        const double sbp = *factors.sbp_mmhg;
        const char* hint = sbp >= 5 && sbp <= 40 ? "; is it in kPa or cmHg?" : "";
        return fmt::format("systolic blood pressure {} mmHg is impossible (expected 50 to 300){}",
                           sbp, hint);
    }
    const auto total = factors.total_cholesterol_mmol_l;
    const auto hdl = factors.hdl_mmol_l;
    if (total) {
        const auto reason = impossible_cholesterol("total cholesterol", *total, 0.5, 30);
        if (!reason.empty()) return reason;
    }
    if (hdl) {
        const auto reason = impossible_cholesterol("HDL cholesterol", *hdl, 0.1, 6);
        if (!reason.empty()) return reason;
    }
    if (total && hdl && *hdl > *total) {
        return fmt::format("HDL cholesterol {} mmol/L is above total cholesterol {} mmol/L", *hdl,
                           *total);
    }
    return "";
}

RiskResult score2(const RiskFactors& factors, Region region) {
    if (std::string reason = impossible_value(factors); !reason.empty()) {
        return {std::nullopt, "", std::move(reason)};
    }
    if (factors.age && *factors.age < score_first_age) {
        return {std::nullopt, "",
                fmt::format("age {} is below 40, where SCORE2 is undefined", *factors.age)};
    }
    if (factors.age && *factors.age >= score_end_age) {
        return {std::nullopt, "",
                fmt::format("age {} is above 89, where SCORE2-OP is undefined", *factors.age)};
    }
    if (const auto missing = missing_attributes(factors, score2_attributes); !missing.empty()) {
        return {std::nullopt, "", fmt::format("missing: {}", join(missing, ", "))};
    }
    const Score& score = *factors.age < score_older_age ? score2_model : score2_op_model;
    return {risk_of(factors, score, region), score.name, ""};
}

}  // namespace clef
