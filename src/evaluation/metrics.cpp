#include "evaluation/metrics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {
namespace {

double weight_at(Weights weights, std::size_t row) {
    return weights.empty() ? 1.0 : static_cast<double>(weights[row]);
}

void refuse_nan(double value, std::size_t row) {
    if (std::isnan(value)) {
        fail_input("the prediction of row {} is not a number; check the model and its input",
                   row + 1);
    }
}

std::optional<double> ratio(double numerator, double denominator) {
    if (denominator == 0) return std::nullopt;
    return numerator / denominator;
}

// The mean of term(score, positive) over the rows with a known label.
template <typename Term>
std::optional<double> mean_over_known(std::span<const double> scores, std::span<const Label> labels,
                                      Weights weights, Term term) {
    assert(scores.size() == labels.size());
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (labels[i] < 0) continue;
        refuse_nan(scores[i], i);
        const double weight = weight_at(weights, i);
        sum += weight * term(scores[i], labels[i] > 0);
        count += weight;
    }
    return ratio(sum, count);
}

}  // namespace

std::optional<double> Confusion::f1() const {
    return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
}

std::optional<double> Confusion::balanced_accuracy() const {
    const auto sensitivity = ratio(true_positives, true_positives + false_negatives);
    const auto specificity = ratio(true_negatives, true_negatives + false_positives);
    if (!sensitivity || !specificity) return std::nullopt;
    return 0.5 * (*sensitivity + *specificity);
}

Confusion confusion(std::span<const double> scores, std::span<const Label> labels, double threshold,
                    Weights weights) {
    assert(scores.size() == labels.size());
    double counts[2][2] = {{0, 0}, {0, 0}};  // [label][predicted]
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (labels[i] < 0) continue;
        refuse_nan(scores[i], i);
        counts[labels[i] > 0 ? 1 : 0][scores[i] >= threshold ? 1 : 0] += weight_at(weights, i);
    }
    return {counts[1][1], counts[0][1], counts[0][0], counts[1][0]};
}

std::optional<double> best_f1_threshold(std::span<const double> scores,
                                        std::span<const Label> labels) {
    std::vector<std::size_t> order;
    double positives = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (labels[i] < 0) continue;
        refuse_nan(scores[i], i);
        order.push_back(i);
        positives += labels[i];
    }
    if (positives == 0) return std::nullopt;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    double best = -1;
    double threshold = 0;
    double hits = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        hits += labels[order[k]];
        if (k + 1 < order.size() && scores[order[k + 1]] == scores[order[k]]) continue;
        // 2 tp / (2 tp + fp + fn) with k + 1 rows called positive
        const double f1 = 2 * hits / (static_cast<double>(k + 1) + positives);
        if (f1 > best) {
            best = f1;
            threshold = scores[order[k]];
        }
    }
    return threshold;
}

double log_loss_of(double probability, bool positive) {
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double clipped = std::clamp(probability, epsilon, 1 - epsilon);
    return positive ? -std::log(clipped) : -std::log1p(-clipped);
}

std::optional<double> log_loss(std::span<const double> probabilities, std::span<const Label> labels,
                               Weights weights) {
    return mean_over_known(probabilities, labels, weights, log_loss_of);
}

std::optional<double> brier_score(std::span<const double> probabilities,
                                  std::span<const Label> labels, Weights weights) {
    return mean_over_known(probabilities, labels, weights, [](double probability, bool positive) {
        const double difference = probability - (positive ? 1 : 0);
        return difference * difference;
    });
}

std::vector<int> most_probable(const Matrix& probabilities) {
    assert(probabilities.columns > 0);
    std::vector<int> result(probabilities.rows);
    for (std::size_t i = 0; i < probabilities.rows; ++i) {
        const auto row = probabilities.row(i);
        result[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return result;
}

MulticlassMetrics multiclass_metrics(std::span<const int> predicted, std::span<const int> truth,
                                     std::size_t classes, Weights weights) {
    assert(predicted.size() == truth.size());
    std::vector<double> occurs(classes, 0);
    std::vector<double> called(classes, 0);
    std::vector<double> hits(classes, 0);
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (truth[i] < 0) continue;
        const double weight = weight_at(weights, i);
        occurs[static_cast<std::size_t>(truth[i])] += weight;
        called[static_cast<std::size_t>(predicted[i])] += weight;
        if (truth[i] == predicted[i]) hits[static_cast<std::size_t>(truth[i])] += weight;
    }
    MulticlassMetrics result;
    std::vector<std::optional<double>> recall(classes);
    result.class_f1.resize(classes);
    for (std::size_t k = 0; k < classes; ++k) {
        recall[k] = ratio(hits[k], occurs[k]);
        result.class_f1[k] = ratio(2 * hits[k], occurs[k] + called[k]);
    }
    result.accuracy = ratio(std::accumulate(hits.begin(), hits.end(), 0.0),
                            std::accumulate(occurs.begin(), occurs.end(), 0.0));
    result.balanced_accuracy = macro_mean(recall).value;
    result.macro_f1 = macro_mean(result.class_f1).value;
    return result;
}

std::optional<RegressionMetrics> regression_metrics(std::span<const double> predicted,
                                                    std::span<const double> truth,
                                                    Weights weights) {
    assert(predicted.size() == truth.size());
    double count = 0;
    double truth_mean = 0;
    double predicted_mean = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (std::isnan(truth[i])) continue;
        refuse_nan(predicted[i], i);
        const double weight = weight_at(weights, i);
        count += weight;
        truth_mean += weight * truth[i];
        predicted_mean += weight * predicted[i];
    }
    if (count == 0) return std::nullopt;
    truth_mean /= count;
    predicted_mean /= count;
    double absolute = 0;
    double squared = 0;
    double truth_squares = 0;
    double predicted_squares = 0;
    double products = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        if (std::isnan(truth[i])) continue;
        const double weight = weight_at(weights, i);
        const double error = predicted[i] - truth[i];
        const double truth_offset = truth[i] - truth_mean;
        const double predicted_offset = predicted[i] - predicted_mean;
        absolute += weight * std::abs(error);
        squared += weight * error * error;
        truth_squares += weight * truth_offset * truth_offset;
        predicted_squares += weight * predicted_offset * predicted_offset;
        products += weight * truth_offset * predicted_offset;
    }
    // Below this the deviations are rounding of the mean, not spread of the values.
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const auto varies = [&](double squares, double mean) {
        return squares > 64 * epsilon * epsilon * count * mean * mean && squares > 0;
    };
    RegressionMetrics result;
    result.mean_absolute_error = absolute / count;
    result.root_mean_squared_error = std::sqrt(squared / count);
    if (varies(truth_squares, truth_mean)) {
        result.r_squared = 1 - squared / truth_squares;
        if (varies(predicted_squares, predicted_mean)) {
            result.pearson = products / std::sqrt(truth_squares * predicted_squares);
        }
    }
    return result;
}

AbsentClass absent_class_from(std::string_view name) {
    if (name == "drop") return AbsentClass::drop;
    if (name == "half") return AbsentClass::half;
    if (name == "redraw") return AbsentClass::redraw;
    fail_input("unknown rule '{}' for classes without both signs.{}", name,
               suggestion(name, {"drop", "half", "redraw"}));
}

Macro macro_mean(std::span<const std::optional<double>> per_class, AbsentClass rule) {
    Macro result;
    double sum = 0;
    for (const auto& value : per_class) {
        if (!value && rule != AbsentClass::half) {
            ++result.dropped;
            continue;
        }
        sum += value.value_or(0.5);
        ++result.classes;
    }
    if (result.classes > 0) result.value = sum / static_cast<double>(result.classes);
    return result;
}

Spread spread(std::span<const double> values) {
    assert(!values.empty());
    const double count = static_cast<double>(values.size());
    Spread result;
    result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    result.minimum = *std::min_element(values.begin(), values.end());
    result.maximum = *std::max_element(values.begin(), values.end());
    if (values.size() > 1) {
        double squares = 0;
        for (const double value : values) squares += (value - result.mean) * (value - result.mean);
        result.deviation = std::sqrt(squares / (count - 1));
    }
    return result;
}

}  // namespace clef
