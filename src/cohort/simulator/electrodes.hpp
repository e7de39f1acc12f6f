// From the dipole to what the amplifier sees: twelve leads, and the noise of nine electrodes.
//
// Leads I, II, V1…V6 are projections of the vectorcardiogram (Dower, Machado, Osborne, "On deriving
// the electrocardiogram from vectorcardiographic leads", Clin. Cardiol. 3 (1980) 87–95, Table 1);
// III and the augmented leads follow from I and II by Einthoven's and Goldberger's definitions.
// Noise arises at the electrodes, so leads that share an electrode share its noise: baseline
// wander, muscle noise, movements of single electrodes, mains hum at 50 Hz. Units: mV. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/random.hpp"
#include "cohort/simulator/dipole_model.hpp"

namespace clef {

constexpr std::size_t independent_leads = 8;  // I, II, V1 … V6
using IndependentLeads = std::array<std::vector<double>, independent_leads>;

// `shift`: how far each precordial electrode sits from its place towards the next (0.2) or the
// previous one (−0.2), in units of the distance between them.
IndependentLeads project(const Vectorcardiogram& vcg, const std::array<double, 6>& shift);

// `scale` multiplies every kind of noise; 0 adds none.
void add_electrode_noise(IndependentLeads& leads, double sampling_rate, double respiration_hz,
                         double scale, Random& random);

}  // namespace clef
