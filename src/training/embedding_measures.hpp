// Numbers that show how an embedding is doing while it is trained.
#pragma once

#include "training/torch.hpp"

namespace clef {

// embeddings: N × E. exp of the entropy of the normalised singular values of the centred rows (Roy
// and Vetterli 2007): how many directions they really use, 1 to E. A fall towards one is collapse.
double effective_rank(const torch::Tensor& embeddings);

// Both of Wang and Isola (2020, arXiv 2005.10242, equations 2 and 3), of embeddings scaled to
// length one; 2B × E, the two views of a patient B rows apart. Mean squared distance of the two
// views, 0 to 4: 0 where they coincide.
double view_alignment(const torch::Tensor& embeddings);
// log of the mean of exp(−2 · squared distance) over the pairs of different patients, the mean of
// both views: −8 to 0. 0 is collapse to a point; a uniform spread over the sphere is about −4.
double uniformity(const torch::Tensor& embeddings);

}  // namespace clef
