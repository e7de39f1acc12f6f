// Area under the ROC curve and average precision, with integer weights in linear time.
//
// Scores are sorted once; each weighting of the rows (a bootstrap resample: how often each row was
// drawn) then costs one pass. Ties are exact: a tied positive and negative count one half in the
// AUROC (Mann–Whitney), and a group of tied scores is one step of the precision–recall curve, so
// that average precision is Σ (Rₙ − Rₙ₋₁) Pₙ as scikit-learn defines it, without interpolation.
//
// Thread-safe once constructed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace clef {

// How often each row counts; empty: every row once.
using Weights = std::span<const std::uint32_t>;

// Labels throughout this room: 1 present, 0 absent, −1 unknown (the row is left out).
using Label = std::int8_t;

struct RankingResult {
    double positives = 0;  // sums of weights
    double negatives = 0;
    std::optional<double> auroc;              // needs both signs
    std::optional<double> average_precision;  // needs a positive
};

class RankedScores {
  public:
    // A NaN score of a row with a known label is an InputError. At most 2³² − 1 rows.
    RankedScores(std::span<const double> scores, std::span<const Label> labels);

    // `weights` is empty or as long as the scores.
    RankingResult evaluate(Weights weights = {}) const;

  private:
    struct Entry {
        std::uint32_t row;
        bool positive;
        bool ends_tie;  // the next entry has a lower score
    };
    template <typename WeightOf>
    RankingResult evaluate_with(WeightOf weight_of) const;

    std::vector<Entry> entries_;  // by descending score
    std::size_t rows_ = 0;
};

}  // namespace clef
