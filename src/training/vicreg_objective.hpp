// Variance, invariance, covariance (Bardes 2022, arXiv 2105.04906, equations 1 to 6): the two
// views' projections agree, each of their dimensions keeps a deviation of at least one over the
// batch, and no two dimensions say the same. It tells no patients apart: neither negatives nor a
// second encoder.
//   λ · MSE(z, z′) + μ · (v(z) + v(z′)) / 2 + ν · (c(z) + c(z′))
//   v(z) = mean over dimensions of max(0, 1 − sqrt(Var + 1e-4)); c(z) = Σ off-diagonal Cov² ÷ D
// The halving of v and the mean of the squared error over B × D are those of the authors' code.
#pragma once

#include "training/objective.hpp"

namespace clef {

// The three terms before their weights; projections: 2B × D.
struct VicregTerms {
    torch::Tensor invariance;
    torch::Tensor variance;
    torch::Tensor covariance;
};
VicregTerms vicreg_terms(const torch::Tensor& projections);

std::unique_ptr<Objective> make_vicreg_objective(const ObjectiveOptions& options);

}  // namespace clef
