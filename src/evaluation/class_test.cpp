#include "evaluation/class_test.hpp"

#include <array>
#include <cmath>

#include "evaluation/curves.hpp"

namespace clef {

void ClassTest::set_outcomes(const std::vector<bool>& predicted) {
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        cells.push_back(static_cast<std::uint8_t>(4 * calibration_bin(probabilities[i]) +
                                                  (labels[i] == 1 ? 2U : 0U) +
                                                  (predicted[i] ? 1U : 0U)));
    }
}

ClassTest::Counts ClassTest::count(Weights weights) const {
    std::array<double, 4 * calibration_bin_count> rows{};
    std::array<double, calibration_bin_count> sums{};  // of the probabilities
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const double weight = weights.empty() ? 1.0 : static_cast<double>(weights[i]);
        rows[cells[i]] += weight;
        sums[cells[i] / 4] += weight * probabilities[i];
    }
    Counts result;
    double total = 0;
    double gap = 0;
    for (std::size_t bin = 0; bin < calibration_bin_count; ++bin) {
        const double* of = rows.data() + 4 * bin;
        result.outcomes.true_negatives += of[0];
        result.outcomes.false_positives += of[1];
        result.outcomes.false_negatives += of[2];
        result.outcomes.true_positives += of[3];
        total += of[0] + of[1] + of[2] + of[3];
        gap += std::abs(sums[bin] - of[2] - of[3]);
    }
    if (total > 0) result.calibration_error = gap / total;
    return result;
}

}  // namespace clef
