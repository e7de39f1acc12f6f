// Spearman's rank correlation with weighted items, alone or within strata.
//
// Ranks are mid-ranks among items counted as often as their weight says, so that integer weights
// give exactly what repeating the items would (scipy.stats.spearmanr of the repeated items). Within
// strata: the mean of the strata's coefficients, weighted by the sum of their items' weights;
// strata in which a side does not vary are left out. Items are sorted once; each weighting then
// costs two passes. Thread-safe once constructed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace clef {

class RankCorrelation {
  public:
    // x and y equally long and free of NaN (InputError), at most 2³² − 1 items; strata: a number
    // per item, or empty for one stratum.
    RankCorrelation(std::span<const double> x, std::span<const double> y,
                    std::span<const std::uint32_t> strata = {});

    // weights: one per item, at least 0; empty: every item once. Nothing where no stratum has two
    // different values on each side.
    std::optional<double> evaluate(std::span<const double> weights = {}) const;

  private:
    struct Stratum {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    struct Sums {
        double weight = 0;
        double correlation = 0;
        bool defined = false;
    };
    Sums stratum_sums(const Stratum& stratum, std::span<const double> weights,
                      std::vector<double>& ranks, std::vector<double>& counts) const;

    std::vector<Stratum> strata_;
    std::vector<std::uint32_t> items_;  // by stratum and x
    std::vector<char> x_tie_ends_;      // the next item has another x
    std::vector<std::uint32_t> by_y_;   // places in items_, by stratum and y
    std::vector<char> y_tie_ends_;
};

}  // namespace clef
