// When the simulated heart beats.
//
// Sinus rhythm: RR intervals with the bimodal spectrum of McSharry, Clifford, Tarassenko and Smith,
// "A dynamical model for generating synthetic electrocardiogram signals", IEEE Trans. Biomed. Eng.
// 50 (2003) 289–294, eq. 6: two Gaussians, at 0.1 Hz (Mayer waves) and at the respiratory rate,
// each 0.01 Hz wide, as a sum of cosines with random phases. Atrial fibrillation: independent,
// lognormal intervals. Ectopic beats come early; after a ventricular one the sinus beat that it hid
// is missing (compensatory pause), after an atrial one the sinus node starts anew.
#pragma once

#include <vector>

#include "base/random.hpp"
#include "cohort/simulator/heart.hpp"

namespace clef {

enum class BeatKind { sinus, fibrillation, atrial_ectopic, ventricular_ectopic };

struct Beat {
    double time_s = 0;  // of the R wave (of the main deflection in an ectopic beat)
    double rr_s = 1;    // the interval before it
    BeatKind kind = BeatKind::sinus;
};

// Beats from before 0 to after `seconds`, so that no wave is missing at the edges; in time order.
// `rate_bpm`: the recording's own mean rate.
std::vector<Beat> draw_beats(const Heart& heart, double rate_bpm, bool fibrillating, double seconds,
                             Random& random);

}  // namespace clef
