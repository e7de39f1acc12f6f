// InfoNCE over 2B views, plain and with weighted negatives, and the alignment of embedding geometry
// with clinical similarity. Gradients flow to the embeddings; weights are constants.
#pragma once

#include "training/torch.hpp"

namespace clef {

// Rows normalised to length one.
torch::Tensor unit_rows(const torch::Tensor& rows);

// unit_rows times their transpose: 2B × 2B.
torch::Tensor cosine_similarities(const torch::Tensor& embeddings);

// −log(exp(s_pos/τ) ÷ Σ_{k≠i} exp(s_ik/τ)), averaged over the 2B anchors
// (van den Oord 2018, equation 4; NT-Xent of Chen 2020, equation 1).
torch::Tensor info_nce(const torch::Tensor& similarities, double temperature);

// The same with each negative's exponential multiplied by its weight (2B × 2B, entries above zero;
// arXiv 2512.02180, L_w). Weights of one give info_nce.
torch::Tensor weighted_info_nce(const torch::Tensor& similarities, const torch::Tensor& weights,
                                double temperature);

// As the released code computes it: exponentials relative to the row's highest non-self similarity,
// 1e-8 added to the denominator.
torch::Tensor released_info_nce(const torch::Tensor& similarities, const torch::Tensor& weights,
                                double temperature);

// Mean squared difference of the min–max normalised similarities (over the whole matrix, the
// released code's 1e-6 in the denominator) and `targets`, over the entries where `known` is 1.
// Zero when none is known.
torch::Tensor alignment(const torch::Tensor& similarities, const torch::Tensor& targets,
                        const torch::Tensor& known);

}  // namespace clef
