// What is measured of predictions once they are made: thresholded, probabilistic, multi-class and
// regression metrics. Definitions are scikit-learn's; where it would return a convention (0 for
// 0/0), these return nothing. Rows with an unknown target (label −1, class −1, value NaN) are left
// out. `weights` counts rows (ranking.hpp). All functions are pure and thread-safe; a NaN
// prediction of a row with a known target is an InputError.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evaluation/matrix.hpp"
#include "evaluation/ranking.hpp"

namespace clef {

// ---- one class against the rest ----

struct Confusion {
    double true_positives = 0;
    double false_positives = 0;
    double true_negatives = 0;
    double false_negatives = 0;

    std::optional<double> f1() const;
    std::optional<double> balanced_accuracy() const;  // needs both signs
};

// Positive is score ≥ threshold.
Confusion confusion(std::span<const double> scores, std::span<const Label> labels, double threshold,
                    Weights weights = {});

// The score that, as threshold, gives the highest F1 (of equals the highest score); nothing without
// a positive label.
std::optional<double> best_f1_threshold(std::span<const double> scores,
                                        std::span<const Label> labels);

// −log p of what was the case, p kept within [2.2e-16, 1 − 2.2e-16] as scikit-learn does.
double log_loss_of(double probability, bool positive);

std::optional<double> log_loss(std::span<const double> probabilities, std::span<const Label> labels,
                               Weights weights = {});
std::optional<double> brier_score(std::span<const double> probabilities,
                                  std::span<const Label> labels, Weights weights = {});

// ---- one of several classes ----

// The most probable class of each row; of equals the first.
std::vector<int> most_probable(const Matrix& probabilities);

struct MulticlassMetrics {
    std::optional<double> accuracy;
    std::optional<double> balanced_accuracy;  // mean recall over the classes that occur
    std::optional<double> macro_f1;           // over classes that occur or are predicted
    std::vector<std::optional<double>> class_f1;
};
MulticlassMetrics multiclass_metrics(std::span<const int> predicted, std::span<const int> truth,
                                     std::size_t classes, Weights weights = {});

// ---- a number ----

struct RegressionMetrics {
    double mean_absolute_error = 0;
    double root_mean_squared_error = 0;
    std::optional<double> r_squared;  // nothing where the targets are constant
    std::optional<double> pearson;    // nothing where either side is constant
};
// Nothing without a known target.
std::optional<RegressionMetrics> regression_metrics(std::span<const double> predicted,
                                                    std::span<const double> truth,
                                                    Weights weights = {});

// ---- the mean over classes ----

// What to do with a class that lacks positives or negatives, where no AUROC exists.
//   drop    left out of the mean, and counted;
//   half    counted as 0.5, an uninformed guess;
//   redraw  left out of the estimate, as drop; bootstrap resamples that lose a class which the
//           whole test set has are drawn again (bootstrap.hpp).
enum class AbsentClass { drop, half, redraw };
AbsentClass absent_class_from(std::string_view name);  // InputError for another name

struct Macro {
    std::optional<double> value;
    std::size_t classes = 0;  // in the mean
    std::size_t dropped = 0;
};
Macro macro_mean(std::span<const std::optional<double>> per_class,
                 AbsentClass rule = AbsentClass::drop);

// The spread of one metric over several seeds (rule 11): deviation with n − 1, nothing for n < 2.
struct Spread {
    double mean = 0;
    std::optional<double> deviation;
    double minimum = 0;
    double maximum = 0;
};
Spread spread(std::span<const double> values);  // at least one value

}  // namespace clef
