// Bootstrap your own latent (Grill 2020, arXiv 2006.07733): a predictor on top of the projection of
// one view foretells the projection of the other by the momentum encoder, both ways. There are no
// negatives. The momentum rises from `objective.momentum` to 1 along a cosine (its section 3.3):
// m = 1 − (1 − m0) · (cos(π · progress) + 1) / 2.
#pragma once

#include "training/objective.hpp"

namespace clef {

// 2 − 2 cos(p_i, t_j), i a view and j its partner, averaged over the patients and summed over the
// two directions. predictions, targets: 2B × D; no gradient goes into the targets.
torch::Tensor byol_loss(const torch::Tensor& predictions, const torch::Tensor& targets);

std::unique_ptr<Objective> make_byol_objective(const ObjectiveOptions& options,
                                               const ObjectiveSetting& setting);

}  // namespace clef
