#include "evaluation/geometry_pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace clef {

namespace {

constexpr std::size_t most_bins = 10;

// The upper edges of all bins but the last.
std::vector<double> bin_edges(std::vector<double> differences) {
    std::sort(differences.begin(), differences.end());
    std::vector<double> edges;
    for (std::size_t b = 1; b < most_bins && !differences.empty(); ++b) {
        const double edge = differences[b * differences.size() / most_bins];
        const double last = edges.empty() ? differences.front() : edges.back();
        if (edge > last) edges.push_back(edge);
    }
    return edges;
}

}  // namespace

PairCorrelation::PairCorrelation(const GeometryPatients& patients, const FloatMatrix& unit,
                                 std::span<const std::int64_t> strata,
                                 const GeometryOptions& options)
    : pairs_(patient_pairs(strata, options.pairs, options.bootstrap.seed)),
      distances_(pairs_.size()),
      differences_(pairs_.size()),
      correlation_(fill(patients, unit)) {}

RankCorrelation PairCorrelation::fill(const GeometryPatients& patients, const FloatMatrix& unit) {
    for (std::size_t p = 0; p < pairs_.size(); ++p) {
        const std::size_t a = pairs_.first[p];
        const std::size_t b = pairs_.second[p];
        distances_[p] = cosine_distance(unit, a, b);
        differences_[p] = std::abs(patients.risk[a] - patients.risk[b]);
    }
    return {distances_, differences_, pairs_.stratum};
}

std::vector<double> PairCorrelation::pair_weights(Weights weights) const {
    std::vector<double> result(pairs_.size(), 1.0);
    if (weights.empty()) return result;
    for (std::size_t p = 0; p < result.size(); ++p) {
        result[p] = static_cast<double>(weights[pairs_.first[p]]) * weights[pairs_.second[p]];
    }
    return result;
}

double PairCorrelation::evaluate(std::span<const double> pair_weights) const {
    return correlation_.evaluate(pair_weights).value_or(std::numeric_limits<double>::quiet_NaN());
}

DistanceCurve::DistanceCurve(const PairCorrelation& pairs)
    : pairs_(pairs), bin_(pairs.distances().size()) {
    const std::vector<double> edges = bin_edges(pairs.differences());
    centres_.assign(edges.size() + 1, 0.0);
    std::array<double, most_bins> counts{};
    for (std::size_t p = 0; p < bin_.size(); ++p) {
        const double difference = pairs.differences()[p];
        const auto above = std::upper_bound(edges.begin(), edges.end(), difference);
        bin_[p] = static_cast<std::uint8_t>(above - edges.begin());
        centres_[bin_[p]] += difference;
        ++counts[bin_[p]];
    }
    for (std::size_t b = 0; b < centres_.size(); ++b) centres_[b] /= counts[b];
}

void DistanceCurve::evaluate(std::span<const double> pair_weights, std::span<double> means) const {
    std::array<double, most_bins> totals{};
    std::array<double, most_bins> sums{};
    for (std::size_t p = 0; p < bin_.size(); ++p) {
        totals[bin_[p]] += pair_weights[p];
        sums[bin_[p]] += pair_weights[p] * pairs_.distances()[p];
    }
    for (std::size_t b = 0; b < means.size(); ++b) means[b] = sums[b] / totals[b];
}

}  // namespace clef
