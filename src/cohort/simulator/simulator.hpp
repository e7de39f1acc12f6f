// A cohort of simulated patients: WFDB records of 12 leads, 500 Hz, 10 s, and their cohort table.
//
// It is a simulation, good for demonstrations, tests and controlled experiments, and never to be
// presented as data. Patients: patient.hpp. Hearts: heart.hpp. Rhythm: rhythm.hpp. Waveform:
// dipole_model.hpp. Leads and noise: electrodes.hpp. Same options, same bytes, whatever the number
// of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "cohort/cohort.hpp"
#include "cohort/simulator/heart.hpp"
#include "formats/recording.hpp"

namespace clef {

struct SimulatorOptions {
    std::size_t patients = 400;
    std::size_t recordings = 3;  // of each patient
    std::uint64_t seed = 1;
    // Chance that blood pressure, cholesterol, HDL and smoking, each by itself, are not known of a
    // patient; age and sex are missing a tenth as often.
    double missing = 0.3;
    // false: the control. Each patient's recordings come from a stranger's heart, drawn
    // independently, so that the waveform says nothing of age, sex, burden or risk, while either
    // side by itself looks as before.
    bool risk_shapes_waveform = true;
    double noise = 1;      // multiplies the electrodes' noise
    unsigned threads = 0;  // 0: all available
};

// One recording and what is true of it.
struct SimulatedRecording {
    Recording recording;    // I, II, III, aVR, aVL, aVF, V1 … V6; multiples of 1 µV
    double heart_rate = 0;  // beats per minute, from the beats within the recording
    std::string rhythm;     // SINUS, AFIB or ECTOPY
    std::string diagnosis;  // of NORM, LVH, ISC, CONDUCTION, AFIB, PVC; joined by ';'
};

// `number`: which of the patient's recordings, from 0.
SimulatedRecording simulate_recording(const Heart& heart, std::uint64_t seed, std::uint64_t patient,
                                      std::size_t number, double noise = 1);

// Writes folder/records/, folder/cohort.csv and folder/README.txt, and returns the cohort. Label
// columns: diagnosis, rhythm; notes: heart_rate, true_risk, burden. Splits: 70 % train, 15 % val,
// 15 % test of the patients, by seed. An InputError refuses a folder that holds other things.
Cohort simulate(const SimulatorOptions& options, const std::filesystem::path& folder);

}  // namespace clef
