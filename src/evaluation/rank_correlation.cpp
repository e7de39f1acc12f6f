#include "evaluation/rank_correlation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "base/error.hpp"

namespace clef {

RankCorrelation::RankCorrelation(std::span<const double> x, std::span<const double> y,
                                 std::span<const std::uint32_t> strata) {
    assert(x.size() == y.size() && (strata.empty() || strata.size() == x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i]) || std::isnan(y[i])) {
            fail_input("value {} of a rank correlation is not a number", i + 1);
        }
    }
    const auto stratum = [&](std::uint32_t item) { return strata.empty() ? 0 : strata[item]; };
    items_.resize(x.size());
    std::iota(items_.begin(), items_.end(), 0U);
    std::sort(items_.begin(), items_.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (stratum(a) != stratum(b)) return stratum(a) < stratum(b);
        return x[a] != x[b] ? x[a] < x[b] : a < b;
    });
    by_y_.resize(x.size());
    std::iota(by_y_.begin(), by_y_.end(), 0U);
    std::sort(by_y_.begin(), by_y_.end(), [&](std::uint32_t a, std::uint32_t b) {
        const std::uint32_t i = items_[a];
        const std::uint32_t k = items_[b];
        if (stratum(i) != stratum(k)) return stratum(i) < stratum(k);
        return y[i] != y[k] ? y[i] < y[k] : a < b;
    });
    for (std::size_t p = 0; p < items_.size(); ++p) {
        const bool last = p + 1 == items_.size() || stratum(items_[p]) != stratum(items_[p + 1]);
        x_tie_ends_.push_back(last || x[items_[p]] != x[items_[p + 1]]);
        y_tie_ends_.push_back(last || y[items_[by_y_[p]]] != y[items_[by_y_[p + 1]]]);
        if (!last) continue;
        strata_.push_back({strata_.empty() ? 0 : strata_.back().end, p + 1});
    }
}

RankCorrelation::Sums RankCorrelation::stratum_sums(const Stratum& stratum,
                                                    std::span<const double> weights,
                                                    std::vector<double>& ranks,
                                                    std::vector<double>& counts) const {
    Sums sums;
    for (std::size_t p = stratum.begin; p < stratum.end; ++p) {
        counts[p] = weights.empty() ? 1 : weights[items_[p]];
        sums.weight += counts[p];
    }
    // Mid-ranks less half an item; their mean is half of the whole weight.
    const double middle = sums.weight / 2;
    double below = 0;
    double group = 0;
    double xx = 0;
    std::size_t begin = stratum.begin;
    for (std::size_t p = stratum.begin; p < stratum.end; ++p) {
        group += counts[p];
        if (!x_tie_ends_[p]) continue;
        const double rank = below + group / 2 - middle;
        std::fill(ranks.begin() + static_cast<std::ptrdiff_t>(begin),
                  ranks.begin() + static_cast<std::ptrdiff_t>(p + 1), rank);
        xx += group * rank * rank;
        below += group;
        group = 0;
        begin = p + 1;
    }
    double xy = 0;
    double yy = 0;
    double group_x = 0;
    below = 0;
    for (std::size_t q = stratum.begin; q < stratum.end; ++q) {
        const std::uint32_t p = by_y_[q];
        group += counts[p];
        group_x += counts[p] * ranks[p];
        if (!y_tie_ends_[q]) continue;
        const double rank = below + group / 2 - middle;
        xy += group_x * rank;
        yy += group * rank * rank;
        below += group;
        group = 0;
        group_x = 0;
    }
    // A side without spread leaves rounding alone behind.
    const double least = 1e-12 * sums.weight * sums.weight * sums.weight;
    sums.defined = xx > least && yy > least;
    if (sums.defined) sums.correlation = xy / std::sqrt(xx * yy);
    return sums;
}

std::optional<double> RankCorrelation::evaluate(std::span<const double> weights) const {
    assert(weights.empty() || weights.size() == items_.size());
    std::vector<double> ranks(items_.size());
    std::vector<double> counts(items_.size());
    double total = 0;
    double weighted = 0;
    for (const Stratum& stratum : strata_) {
        const Sums sums = stratum_sums(stratum, weights, ranks, counts);
        if (!sums.defined) continue;
        total += sums.weight;
        weighted += sums.weight * sums.correlation;
    }
    if (!(total > 0)) return std::nullopt;
    return weighted / total;
}

}  // namespace clef
