// The heart of a simulated patient: the parameters of the waveform model, drawn from age, sex,
// body, blood pressure and disease burden with wide variation between patients, so that no single
// measurement gives the burden away.
//
// Units: beats per minute, seconds, millivolts, radians. Thread-safe: a draw depends on its
// arguments alone. The directions of the effects follow textbook electrocardiography; their sizes
// are chosen, not estimated.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cohort/simulator/patient.hpp"

namespace clef {

using Vector3 = std::array<double, 3>;  // x left, y towards the feet, z towards the back (Frank)

struct Heart {
    // Rate and rhythm.
    double rate_bpm = 66;
    double rr_deviation_s = 0.03;  // of the sinus rhythm's slow and respiratory variation
    double low_to_high = 1;        // ratio of the spectrum's two peaks (Mayer waves : respiration)
    double respiration_hz = 0.25;
    double fibrillation = 0;          // chance that a recording shows atrial fibrillation
    double ventricular_ectopics = 0;  // chance that a beat is one
    double atrial_ectopics = 0;

    // Waveform.
    double hypertrophy = 0;  // standardised; LVH above hypertrophy_limit
    double ischaemia = 0;    // standardised; ISC above ischaemia_limit
    double qrs_stretch = 1;  // of the QRS complex in time; CONDUCTION above conduction_limit
    double pr_shift_s = 0;   // added to the PR interval
    double qrs_gain = 1;
    double t_gain = 1;  // negative: inverted
    double p_gain = 1;
    double st_level_mv = 0;               // negative: depressed over the left ventricle
    Vector3 tilt{};                       // rotations of the heart about x, y, z
    std::array<double, 32> wave_gain{};   // one per Gaussian of the model, near 1
    std::array<double, 32> wave_width{};  // the same for its width
    Vector3 ectopic_direction{};
    Vector3 t_tilt{};                         // of the T wave against the QRS complex
    std::array<double, 6> electrode_shift{};  // precordial, in units of the electrodes' distance

    static constexpr double hypertrophy_limit = 1.35;
    static constexpr double ischaemia_limit = 1.35;
    static constexpr double conduction_limit = 1.3;
};

Heart draw_heart(const SimulatedPatient& patient, std::uint64_t seed);

}  // namespace clef
