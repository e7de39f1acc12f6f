// CLEF's objective (arXiv 2512.02180): a contrast whose negatives are weighted by clinical
// dissimilarity, L_w, and an alignment of the embedding's geometry with clinical similarity, L_d.
//   paper, interpolated   L = L_w + alignment_weight · L_d
//   released              L = (L_w + alignment_weight · L_d) / 2, as the released code computes
//   both
// clinical/dissimilarity.hpp has the weights.
#pragma once

#include "training/objective.hpp"

namespace clef {

// The form is known (check_objective).
std::unique_ptr<Objective> make_clef_objective(const ObjectiveOptions& options);

}  // namespace clef
