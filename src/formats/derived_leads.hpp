// Limb leads that a recording does not hold, computed from two that it holds. The six limb leads
// are combinations of two: with the potentials R, L and F of the arms and the left leg,
//   I = L − R, II = F − R, III = F − L, hence III = II − I (Einthoven, Fahr & de Waart, Pflügers
//   Arch 1913;150:275–315), and
//   aVR = −(I + II)/2, aVL = I − II/2, aVF = II − I/2 (Goldberger, Am Heart J 1942;23:483–492).
// Leads of ambulatory recorders (MLI, MLII, …) have other electrode positions and take no part.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/recording.hpp"

namespace clef {

// wanted = weights[0] · leads[0] + weights[1] · leads[1]; canonical names.
struct LeadFormula {
    std::string wanted;
    std::string leads[2];
    double weights[2] = {0, 0};

    std::string text() const;  // "II − I", "−0.5 I − 0.5 II"
};

// How to compute `wanted` (any alias) from two of the canonical names `present`: I and II by
// preference, then pairs of I, II and III, then pairs with augmented leads. Nothing when `wanted`
// is no limb lead or fewer than two limb leads are there.
std::optional<LeadFormula> find_lead_formula(std::string_view wanted,
                                             const std::vector<std::string>& present);

// The lead; a sample is missing where it is missing in either. The sources are as long as each
// other and both in millivolts: leads that were normalised each for itself cannot be combined.
Lead derive_lead(const LeadFormula& formula, const Lead& first, const Lead& second);

}  // namespace clef
