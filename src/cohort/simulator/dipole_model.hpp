// The waveform: a moving dipole whose three components are sums of Gaussians in the cardiac phase.
//
// McSharry, Clifford, Tarassenko, Smith, IEEE Trans. Biomed. Eng. 50 (2003) 289–294, extended to
// three dimensions by Sameni, Clifford, Jutten, Shamsollahi, "Multichannel ECG and noise modeling",
// EURASIP J. Adv. Signal Process. 2007, 43407, eq. 4–5 and Table 1, in the closed form (the sum of
// Gaussians itself, not its differential equation). Phase becomes time beat by beat: the QRS
// complex keeps its duration, the P wave hardly moves, and what follows the QRS complex stretches
// with the square root of the RR interval (Bazett). Axes after Frank: x left, y towards the feet, z
// towards the back; millivolts at the model's electrodes.
//
// Atrial fibrillation: no P waves, but a frequency-modulated sawtooth (Stridh and Sörnmo,
// "Spatiotemporal QRST cancellation techniques for analysis of atrial fibrillation", IEEE Trans.
// Biomed. Eng. 48 (2001) 105–111, eq. 22–24). Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/random.hpp"
#include "cohort/simulator/heart.hpp"
#include "cohort/simulator/rhythm.hpp"

namespace clef {

using Vectorcardiogram = std::array<std::vector<double>, 3>;  // x, y, z; mV

// The dipole at `samples` instants from time 0 on. `random` draws what differs from one recording
// of the same heart to the next: breathing's phase, the fibrillatory waves.
Vectorcardiogram render_dipole(const Heart& heart, const std::vector<Beat>& beats,
                               double sampling_rate, std::size_t samples, Random& random);

}  // namespace clef
