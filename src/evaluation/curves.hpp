// Curves of one class against the rest, for reports: ROC, precision–recall, calibration. Rows with
// an unknown label (−1) are left out; every row counts `weights` times. Pure and thread-safe; a NaN
// score of a row with a known label is an InputError.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "evaluation/ranking.hpp"

namespace clef {

struct Curve {
    std::vector<double> x;
    std::vector<double> y;
};

// False positive rate against true positive rate, from (0, 0) to (1, 1), a point for every distinct
// score (scikit-learn's roc_curve without dropping any). Empty without both signs.
Curve roc_curve(std::span<const double> scores, std::span<const Label> labels,
                Weights weights = {});

// Recall against precision, from the highest score on; begins at recall 0 with precision 1
// (scikit-learn's precision_recall_curve, reversed). Empty without a positive.
Curve precision_recall_curve(std::span<const double> scores, std::span<const Label> labels,
                             Weights weights = {});

// Reliability: predictions in bins of equal width over [0, 1]; a value on an edge belongs to the
// lower bin, as in scikit-learn's calibration_curve.
struct CalibrationBin {
    double count = 0;
    double mean_probability = 0;
    double positive_fraction = 0;
};
inline constexpr std::size_t calibration_bin_count = 10;
std::size_t calibration_bin(double probability);  // 0 … calibration_bin_count − 1
// Bins without a row are left out.
std::vector<CalibrationBin> calibration_curve(std::span<const double> probabilities,
                                              std::span<const Label> labels, Weights weights = {});
// Σ over bins of their share of the rows × |mean probability − fraction of positives| (Naeini,
// Cooper & Hauskrecht, AAAI 2015; Guo et al., ICML 2017). Nothing without a row.
std::optional<double> calibration_error(std::span<const CalibrationBin> bins);

}  // namespace clef
