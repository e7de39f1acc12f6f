// Momentum contrast, version 2 (He 2020, arXiv 1911.05722, algorithm 1; Chen 2020, arXiv
// 2003.04297): the first views are queries, the second views, through the momentum encoder, their
// keys; the negatives are the keys of earlier batches, kept in a queue. Each batch's keys enter the
// queue once, after its loss (CLEF's released code enters them twice).
#pragma once

#include "training/objective.hpp"

namespace clef {

// −log(exp(q·k/τ) ÷ (exp(q·k/τ) + Σ_n exp(q·n/τ))), averaged over the rows of q. queries, keys: B ×
// D; queue: K × D; rows are normalised to length one here.
torch::Tensor moco_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                        const torch::Tensor& queue, double temperature);

// The queue begins with random directions. InputError where it is shorter than a batch.
std::unique_ptr<Objective> make_moco_objective(const ObjectiveOptions& options,
                                               const ObjectiveSetting& setting);

}  // namespace clef
