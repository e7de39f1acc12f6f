#include "training/embedding_measures.hpp"

#include <cmath>

#include "training/contrastive.hpp"

namespace clef {

double effective_rank(const torch::Tensor& embeddings) {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor centred = embeddings - embeddings.mean(0, true);
    torch::Tensor p = torch::linalg_svdvals(centred.to(torch::kCPU, torch::kFloat64));
    p = p / p.sum().clamp_min(1e-300);
    return std::exp(-(p * (p + 1e-300).log()).sum().item<double>());
}

namespace {

double uniformity_of(const torch::Tensor& unit) {
    const torch::Tensor exponentials = (-2 * torch::pdist(unit).square()).exp();
    return std::log(exponentials.mean().item<double>());
}

torch::Tensor half(const torch::Tensor& embeddings, std::int64_t which) {
    const std::int64_t pairs = embeddings.size(0) / 2;
    return unit_rows(embeddings.detach().to(torch::kCPU, torch::kFloat64))
        .narrow(0, which * pairs, pairs);
}

}  // namespace

double view_alignment(const torch::Tensor& embeddings) {
    return (half(embeddings, 0) - half(embeddings, 1)).square().sum(1).mean().item<double>();
}

double uniformity(const torch::Tensor& embeddings) {
    return (uniformity_of(half(embeddings, 0)) + uniformity_of(half(embeddings, 1))) / 2;
}

}  // namespace clef
