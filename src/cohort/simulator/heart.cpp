#include "cohort/simulator/heart.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace clef {

namespace {

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

void draw_rhythm(Heart& heart, const SimulatedPatient& p, Random& random) {
    const double burden = p.burden;
    const double old = (p.age - 57) / 10;
    heart.rate_bpm = std::clamp(
        random.normal(67 + (p.sex == Sex::female ? 2 : 0) + 4 * burden, 8.5), 45.0, 110.0);
    // Rate variability falls to about a third from thirty to seventy.
    heart.rr_deviation_s = std::clamp(
        0.032 * std::exp(-0.25 * old - 0.28 * burden + random.normal(0, 0.35)), 0.004, 0.12);
    heart.low_to_high = std::exp(0.12 * burden + random.normal(0, 0.5));
    heart.respiration_hz = random.uniform(0.18, 0.34);
    const double prone = logistic(-3.3 + 0.75 * old + 0.75 * burden);
    // Paroxysmal in some patients, permanent in others.
    heart.fibrillation = random.chance(prone) ? random.uniform(0.4, 1.3) : 0;
    heart.ventricular_ectopics =
        std::min(0.3, std::exp(-5.3 + 0.15 * old + 0.45 * burden + random.normal(0, 1.2)));
    heart.atrial_ectopics =
        std::min(0.3, std::exp(-5.6 + 0.25 * old + 0.3 * burden + random.normal(0, 1.2)));
}

void draw_disease(Heart& heart, const SimulatedPatient& p, Random& random) {
    const double old = (p.age - 57) / 10;
    const double pressure = (p.sbp_mmhg - 128) / 16;
    heart.hypertrophy = 0.45 * p.burden + 0.35 * pressure + random.normal(0, 0.8);
    heart.ischaemia = 0.55 * p.burden + 0.2 * old + random.normal(0, 0.8);
    const double blocked = logistic(-3.0 + 0.4 * old + 0.6 * p.burden);
    const double narrow = 1 + 0.012 * old + 0.025 * p.burden + (p.sex == Sex::male ? 0.04 : 0) +
                          random.normal(0, 0.07);
    heart.qrs_stretch =
        random.chance(blocked) ? random.uniform(1.2, 1.65) : std::clamp(narrow, 0.8, 1.25);
    heart.pr_shift_s = std::clamp(0.006 * old + random.normal(0, 0.015), -0.04, 0.08);
}

void draw_amplitudes(Heart& heart, const SimulatedPatient& p, Random& random) {
    const double old = (p.age - 57) / 10;
    const double fat = -0.02 * (p.body_mass_index() - 26);  // tissue between heart and electrodes
    const double body = std::exp(fat + random.normal(0, 0.14));
    const double large = std::max(0.0, heart.hypertrophy - 0.7);
    heart.qrs_gain =
        body * std::exp(0.09 * heart.hypertrophy + 0.12 * large + (p.sex == Sex::male ? 0.06 : 0));
    // Above 0.7 the ST segment sinks and the T wave flattens, at last inverts; strain does the
    // same.
    const double sick = std::max(0.0, heart.ischaemia - 0.7) + 0.35 * large;
    heart.st_level_mv = body * (random.normal(0.01, 0.025) - 0.09 * sick);
    heart.t_gain = body * ((p.sex == Sex::male ? 0.66 : 0.55) - 0.05 * old +
                           random.normal(0, 0.15) - 0.36 * sick);
    heart.p_gain = body * std::exp(random.normal(0, 0.22));
}

void draw_shape(Heart& heart, const SimulatedPatient& p, Random& random) {
    const double degree = std::acos(-1.0) / 180;
    const double old = (p.age - 57) / 10;
    const double heavy = std::clamp((p.body_mass_index() - 26) / 4, -2.0, 3.0);
    heart.tilt = {random.normal(0, 12) * degree, random.normal(0, 14) * degree,
                  (random.normal(0, 20) - 8 * old - 5 * heavy) * degree};
    heart.t_tilt = {random.normal(0, 12) * degree, random.normal(0, 16) * degree,
                    random.normal(0, 12) * degree};
    for (double& gain : heart.wave_gain) gain = std::exp(random.normal(0, 0.16));
    for (double& width : heart.wave_width) width = std::exp(random.normal(0, 0.07));
    double length = 0;
    for (double& component : heart.ectopic_direction) {
        component = random.normal();
        length += component * component;
    }
    for (double& component : heart.ectopic_direction) component /= std::sqrt(length);
    for (double& shift : heart.electrode_shift) {
        shift = std::clamp(random.normal(0, 0.22), -0.7, 0.7);
    }
}

}  // namespace

Heart draw_heart(const SimulatedPatient& patient, std::uint64_t seed) {
    Random random(seed, "simulated heart", 0, patient.index);
    Heart heart;
    draw_rhythm(heart, patient, random);
    draw_disease(heart, patient, random);
    draw_amplitudes(heart, patient, random);
    draw_shape(heart, patient, random);
    return heart;
}

}  // namespace clef
