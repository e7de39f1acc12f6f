#include "evaluation/ranking.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace clef {

RankedScores::RankedScores(std::span<const double> scores, std::span<const Label> labels)
    : rows_(scores.size()) {
    assert(scores.size() == labels.size());
    assert(scores.size() < std::numeric_limits<std::uint32_t>::max());
    entries_.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (labels[i] < 0) continue;
        if (std::isnan(scores[i])) {
            fail_input(
                "the score of row {} is not a number; a model whose output is NaN cannot be ranked",
                i + 1);
        }
        entries_.push_back({static_cast<std::uint32_t>(i), labels[i] > 0, true});
    }
    std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
        return scores[a.row] != scores[b.row] ? scores[a.row] > scores[b.row] : a.row < b.row;
    });
    for (std::size_t k = 0; k + 1 < entries_.size(); ++k) {
        entries_[k].ends_tie = scores[entries_[k].row] != scores[entries_[k + 1].row];
    }
}

template <typename WeightOf>
RankingResult RankedScores::evaluate_with(WeightOf weight_of) const {
    double positives = 0;
    double negatives = 0;
    double ordered_pairs = 0;  // Σ over negatives of the positives above them, ties one half
    double precision_sum = 0;  // Σ over positives of the precision at their threshold
    double tied[2] = {0, 0};   // weights of the current group of ties: negatives, positives
    for (const Entry& entry : entries_) {
        tied[entry.positive ? 1 : 0] += weight_of(entry.row);
        if (!entry.ends_tie) continue;
        ordered_pairs += tied[0] * (positives + 0.5 * tied[1]);
        positives += tied[1];
        negatives += tied[0];
        if (tied[1] > 0) precision_sum += tied[1] * positives / (positives + negatives);
        tied[0] = tied[1] = 0;
    }
    RankingResult result;
    result.positives = positives;
    result.negatives = negatives;
    if (positives > 0 && negatives > 0) result.auroc = ordered_pairs / (positives * negatives);
    if (positives > 0) result.average_precision = precision_sum / positives;
    return result;
}

RankingResult RankedScores::evaluate(Weights weights) const {
    if (weights.empty()) {
        return evaluate_with([](std::uint32_t) { return 1.0; });
    }
    assert(weights.size() == rows_);
    return evaluate_with(
        [weights](std::uint32_t row) { return static_cast<double>(weights[row]); });
}

}  // namespace clef
