// Numbers that show how an embedding is doing while it is trained.
#pragma once

#include "training/torch.hpp"

namespace clef {

// embeddings: N × E. exp of the entropy of the normalised singular values of the centred rows (Roy
// and Vetterli 2007): how many directions they really use, 1 to E. A fall towards one is collapse.
double effective_rank(const torch::Tensor& embeddings);

}  // namespace clef
