#include "training/contrastive.hpp"

#include <limits>

namespace clef {

namespace {

torch::Tensor self_mask(const torch::Tensor& matrix) {
    return torch::eye(matrix.size(0), matrix.options().dtype(torch::kBool));
}

// Entry (i, i ± B): each view's partner.
torch::Tensor positives(const torch::Tensor& matrix) {
    const std::int64_t half = matrix.size(0) / 2;
    return torch::cat({matrix.diagonal(half), matrix.diagonal(-half)});
}

torch::Tensor positive_mask(const torch::Tensor& matrix) {
    return self_mask(matrix).roll(matrix.size(0) / 2, 0);
}

}  // namespace

torch::Tensor unit_rows(const torch::Tensor& rows) {
    return rows / rows.norm(2, {1}, true).clamp_min(1e-12);
}

torch::Tensor cosine_similarities(const torch::Tensor& embeddings) {
    const torch::Tensor unit = unit_rows(embeddings);
    return torch::matmul(unit, unit.t());
}

torch::Tensor info_nce(const torch::Tensor& similarities, double temperature) {
    const double minus_infinity = -std::numeric_limits<double>::infinity();
    const torch::Tensor logits =
        (similarities / temperature).masked_fill(self_mask(similarities), minus_infinity);
    return (torch::logsumexp(logits, 1) - positives(logits)).mean();
}

torch::Tensor weighted_info_nce(const torch::Tensor& similarities, const torch::Tensor& weights,
                                double temperature) {
    // w · exp(s) = exp(s + log w); the positive keeps weight one.
    const torch::Tensor log_weights =
        weights.clamp_min(1e-12).log().masked_fill(positive_mask(similarities), 0.0);
    const double minus_infinity = -std::numeric_limits<double>::infinity();
    const torch::Tensor logits = similarities / temperature;
    const torch::Tensor weighted =
        (logits + log_weights).masked_fill(self_mask(similarities), minus_infinity);
    return (torch::logsumexp(weighted, 1) - positives(logits)).mean();
}

torch::Tensor released_info_nce(const torch::Tensor& similarities, const torch::Tensor& weights,
                                double temperature) {
    const torch::Tensor self = self_mask(similarities);
    const torch::Tensor positive = positive_mask(similarities);
    const torch::Tensor logits = similarities / temperature;
    const double minus_infinity = -std::numeric_limits<double>::infinity();
    const torch::Tensor highest =
        std::get<0>(logits.masked_fill(self, minus_infinity).max(1, true));
    const torch::Tensor exponentials = (logits - highest).exp();
    const torch::Tensor wanted = positives(exponentials);
    const torch::Tensor others =
        (exponentials * weights).masked_fill(torch::logical_or(self, positive), 0.0).sum(1);
    return -(wanted / (wanted + others + 1e-8)).log().mean();
}

torch::Tensor alignment(const torch::Tensor& similarities, const torch::Tensor& targets,
                        const torch::Tensor& known) {
    const torch::Tensor lowest = similarities.min();
    const torch::Tensor range = similarities.max() - lowest;
    const torch::Tensor scaled = (similarities - lowest) / (range + 1e-6);
    return ((scaled - targets).square() * known).sum() / known.sum().clamp_min(1.0);
}

}  // namespace clef
