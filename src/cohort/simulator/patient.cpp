#include "cohort/simulator/patient.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

#include "base/random.hpp"

namespace clef {

namespace {

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}
// To the nearest 1/parts: the table then shows short decimals.
double rounded(double value, double parts) {
    return std::round(value * parts) / parts;
}

double draw_age(Random& random) {
    while (true) {  // normal, cut at the ages for which the simulation is meant
        const double age = random.normal(57, 15);
        if (age >= 25 && age <= 90) return std::floor(age);
    }
}

void draw_body(SimulatedPatient& p, Random& random) {
    const bool male = p.sex == Sex::male;
    const double shrinking = 0.05 * std::max(0.0, p.age - 40);
    p.height_cm = std::round((male ? 177 : 164) - shrinking + random.normal(0, 6.5));
    const double index =
        26 * std::exp(0.001 * (p.age - 50) + 0.04 * p.burden + random.normal(0, 0.14));
    p.weight_kg = rounded(index * p.height_cm * p.height_cm * 1e-4, 2);
}

void draw_blood(SimulatedPatient& p, Random& random) {
    const bool male = p.sex == Sex::male;
    const double heavy = p.body_mass_index() - 26;
    const double male_rise = male ? std::max(0.0, 6 - 0.15 * (p.age - 40)) : 0;
    const double sbp = 122 + 0.48 * (p.age - 50) + male_rise + 0.7 * heavy + 6 * p.burden;
    p.sbp_mmhg = std::clamp(std::round(random.normal(sbp, 11)), 85.0, 230.0);
    const double late_fall = 0.35 * std::max(0.0, p.age - 58);
    const double dbp = 77 + 0.42 * (p.sbp_mmhg - 125) - late_fall;
    p.dbp_mmhg = std::clamp(std::round(random.normal(dbp, 6)), 45.0, p.sbp_mmhg - 20);
    const double decades = (p.age - 60) / 10;
    const double menopause = !male && p.age > 50 ? 0.35 : 0;
    const double total = 5.6 - 0.13 * decades * decades + menopause + 0.25 * p.burden;
    p.total_cholesterol_mmol_l = std::clamp(rounded(random.normal(total, 0.9), 10), 2.5, 11.0);
    const double hdl = (male ? 1.28 : 1.58) - 0.018 * heavy - 0.07 * p.burden;
    p.hdl_mmol_l = std::clamp(rounded(random.normal(hdl, 0.28), 100), 0.6, 3.2);
}

void draw_habits(SimulatedPatient& p, Random& random) {
    const bool male = p.sex == Sex::male;
    p.smoker =
        random.chance(logistic(-1.1 - 0.03 * (p.age - 50) + (male ? 0.25 : 0) + 0.5 * p.burden));
    p.diabetes = random.chance(logistic(-3 + 0.045 * (p.age - 55) + (male ? 0.2 : 0) +
                                        0.11 * (p.body_mass_index() - 27) + 0.5 * p.burden));
}

// A proportional hazard over ten years. The burden acts beside the risk factors that it shapes: a
// waveform can tell something that the table does not.
double ten_year_risk(const SimulatedPatient& p) {
    const double log_hazard = -2.75 + 0.075 * (p.age - 60) + (p.sex == Sex::male ? 0.4 : 0) +
                              0.013 * (p.sbp_mmhg - 130) +
                              0.16 * (p.total_cholesterol_mmol_l - p.hdl_mmol_l - 4) +
                              (p.smoker ? 0.6 : 0) + (p.diabetes ? 0.6 : 0) + 0.45 * p.burden;
    return 1 - std::exp(-std::exp(log_hazard));
}

SimulatedPatient draw(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
    Random random(seed, purpose, 0, index);
    SimulatedPatient p;
    p.index = index;
    p.id = fmt::format("P{:05}", index + 1);
    p.age = draw_age(random);
    p.sex = random.chance(0.5) ? Sex::male : Sex::female;
    p.burden = random.normal();
    draw_body(p, random);
    draw_blood(p, random);
    draw_habits(p, random);
    p.true_risk = ten_year_risk(p);
    return p;
}

}  // namespace

SimulatedPatient draw_patient(std::uint64_t seed, std::uint64_t index) {
    return draw(seed, "simulated patient", index);
}

SimulatedPatient draw_stranger(std::uint64_t seed, std::uint64_t index) {
    return draw(seed, "simulated stranger", index);
}

}  // namespace clef
