// Simulated patients: age, sex, body, blood pressure, lipids, smoking and diabetes drawn jointly.
//
// Each attribute is regressed on those drawn before it and on a latent disease burden b ~ N(0, 1)
// that no table shows in reality. The means and slopes were chosen to resemble adult European
// populations (blood pressure that rises with age, cholesterol that peaks near sixty, higher HDL in
// women, less smoking in the old); they are estimates of nothing. These are simulated patients, not
// data.
//
// Units: years, cm, kg, mmHg, mmol/L. Thread-safe: a draw depends on (seed, index) alone.
#pragma once

#include <cstdint>
#include <string>

#include "clinical/risk_factors.hpp"

namespace clef {

struct SimulatedPatient {
    std::uint64_t index = 0;
    std::string id;  // "P00042"
    double age = 0;
    Sex sex = Sex::female;
    double height_cm = 0;
    double weight_kg = 0;
    double sbp_mmhg = 0;
    double dbp_mmhg = 0;
    double total_cholesterol_mmol_l = 0;
    double hdl_mmol_l = 0;
    bool smoker = false;
    bool diabetes = false;
    double burden = 0;     // b, standard normal over patients
    double true_risk = 0;  // of an event in ten years in the simulated world, 0–1

    double body_mass_index() const { return weight_kg / (height_cm * height_cm) * 1e4; }
};

// Patient `index` of the world with this seed.
SimulatedPatient draw_patient(std::uint64_t seed, std::uint64_t index);

// Another patient, independent of the first in every attribute: in the control experiment it is
// this one's heart that is recorded, so that the waveform knows nothing of the risk factors.
SimulatedPatient draw_stranger(std::uint64_t seed, std::uint64_t index);

}  // namespace clef
