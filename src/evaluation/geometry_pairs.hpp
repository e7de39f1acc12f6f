// What geometry.hpp measures over pairs of patients: the correlation of distance with difference of
// risk, and the curve of one against the other. A resample weighs a pair by the product of how
// often its patients were drawn. Thread-safe once constructed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/geometry.hpp"
#include "evaluation/pair_sample.hpp"
#include "evaluation/rank_correlation.hpp"

namespace clef {

class PairCorrelation {
  public:
    // unit: the patients' embeddings, of length one; strata as patient_pairs takes them.
    PairCorrelation(const GeometryPatients& patients, const FloatMatrix& unit,
                    std::span<const std::int64_t> strata, const GeometryOptions& options);

    PairCounts counts() const { return {pairs_.possible, pairs_.size()}; }
    const std::vector<double>& distances() const { return distances_; }
    const std::vector<double>& differences() const { return differences_; }

    std::vector<double> pair_weights(Weights weights) const;
    double evaluate(std::span<const double> pair_weights) const;  // NaN where undefined

  private:
    RankCorrelation fill(const GeometryPatients& patients, const FloatMatrix& unit);

    PatientPairs pairs_;
    std::vector<double> distances_;
    std::vector<double> differences_;
    RankCorrelation correlation_;
};

// Mean distance in bins of equal numbers of pairs by difference of risk; ten, or fewer where
// differences are equal.
class DistanceCurve {
  public:
    explicit DistanceCurve(const PairCorrelation& pairs);  // which must outlive it

    const std::vector<double>& centres() const { return centres_; }  // mean differences
    void evaluate(std::span<const double> pair_weights, std::span<double> means) const;

  private:
    const PairCorrelation& pairs_;
    std::vector<std::uint8_t> bin_;
    std::vector<double> centres_;
};

}  // namespace clef
