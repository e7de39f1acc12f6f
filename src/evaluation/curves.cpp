#include "evaluation/curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"

namespace clef {
namespace {

double weight_at(Weights weights, std::size_t row) {
    return weights.empty() ? 1.0 : static_cast<double>(weights[row]);
}

// Positives and negatives at or above each distinct score, from the highest.
struct Steps {
    std::vector<double> positives;
    std::vector<double> negatives;
};

Steps steps_of(std::span<const double> scores, std::span<const Label> labels, Weights weights) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (labels[i] < 0 || weight_at(weights, i) == 0) continue;
        if (std::isnan(scores[i])) fail_input("the score of row {} is not a number", i + 1);
        order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    Steps steps;
    double positives = 0, negatives = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        (labels[order[k]] > 0 ? positives : negatives) += weight_at(weights, order[k]);
        if (k + 1 < order.size() && scores[order[k + 1]] == scores[order[k]]) continue;
        steps.positives.push_back(positives);
        steps.negatives.push_back(negatives);
    }
    return steps;
}

}  // namespace

Curve roc_curve(std::span<const double> scores, std::span<const Label> labels, Weights weights) {
    const Steps steps = steps_of(scores, labels, weights);
    if (steps.positives.empty() || steps.positives.back() == 0 || steps.negatives.back() == 0)
        return {};
    Curve curve{{0}, {0}};
    for (std::size_t k = 0; k < steps.positives.size(); ++k) {
        curve.x.push_back(steps.negatives[k] / steps.negatives.back());
        curve.y.push_back(steps.positives[k] / steps.positives.back());
    }
    return curve;
}

Curve precision_recall_curve(std::span<const double> scores, std::span<const Label> labels,
                             Weights weights) {
    const Steps steps = steps_of(scores, labels, weights);
    if (steps.positives.empty() || steps.positives.back() == 0) return {};
    Curve curve{{0}, {1}};
    for (std::size_t k = 0; k < steps.positives.size(); ++k) {
        curve.x.push_back(steps.positives[k] / steps.positives.back());
        curve.y.push_back(steps.positives[k] / (steps.positives[k] + steps.negatives[k]));
    }
    return curve;
}

std::size_t calibration_bin(double probability) {
    std::size_t bin = 0;
    while (bin + 1 < calibration_bin_count &&
           static_cast<double>(bin + 1) * (1.0 / calibration_bin_count) < probability) {
        ++bin;
    }
    return bin;
}

std::vector<CalibrationBin> calibration_curve(std::span<const double> probabilities,
                                              std::span<const Label> labels, Weights weights) {
    std::array<CalibrationBin, calibration_bin_count> bins;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        const double weight = weight_at(weights, i);
        if (labels[i] < 0 || weight == 0) continue;
        if (std::isnan(probabilities[i])) fail_input("the score of row {} is not a number", i + 1);
        CalibrationBin& bin = bins[calibration_bin(probabilities[i])];
        bin.count += weight;
        bin.mean_probability += weight * probabilities[i];
        bin.positive_fraction += weight * (labels[i] > 0 ? 1 : 0);
    }
    std::vector<CalibrationBin> result;
    for (CalibrationBin& bin : bins) {
        if (bin.count == 0) continue;
        bin.mean_probability /= bin.count;
        bin.positive_fraction /= bin.count;
        result.push_back(bin);
    }
    return result;
}

std::optional<double> calibration_error(std::span<const CalibrationBin> bins) {
    double count = 0;
    double sum = 0;
    for (const CalibrationBin& bin : bins) {
        count += bin.count;
        sum += bin.count * std::abs(bin.mean_probability - bin.positive_fraction);
    }
    if (count == 0) return std::nullopt;
    return sum / count;
}

}  // namespace clef
