#include "training/embedding_measures.hpp"

#include <cmath>

namespace clef {

double effective_rank(const torch::Tensor& embeddings) {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor centred = embeddings - embeddings.mean(0, true);
    torch::Tensor p = torch::linalg_svdvals(centred.to(torch::kFloat64));
    p = p / p.sum().clamp_min(1e-300);
    return std::exp(-(p * (p + 1e-300).log()).sum().item<double>());
}

}  // namespace clef
