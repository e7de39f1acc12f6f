// From predictions to the numbers of a report: overall and per-class metrics with bootstrap
// intervals over patients, whatever made the predictions (a probe, a fine-tuned model, a baseline).
//
// The rules: a patient is on one side of the split only; thresholds come from the validation rows;
// macro means leave out classes without both signs in the test rows and count them, and a second
// macro covers the classes with at least 10 positive test rows.
//
// Predictions are rows × outputs: probabilities per class (multi-label: each for itself;
// multi-class: each row sums to 1), or one column of values in the target's unit (regression).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/task.hpp"
#include "evaluation/bootstrap.hpp"
#include "evaluation/matrix.hpp"
#include "evaluation/metrics.hpp"

namespace clef {

// Parallel to the rows of the targets and of the predictions.
struct EvaluationRows {
    std::vector<std::string> records;
    std::vector<std::string> patients;
    std::vector<std::string> splits;  // "train", "val" or "test"; rows of any other are not used
};
EvaluationRows rows_of(const Cohort& cohort);

// Indices of the rows of one split that have an answer.
std::vector<std::size_t> answered_rows(const EvaluationRows& rows, const Targets& targets,
                                       std::string_view split);

// An InputError names the first patient found in two splits.
void refuse_shared_patients(const EvaluationRows& rows);

struct ScoringOptions {
    BootstrapOptions bootstrap;  // `redraws` is set by `absent`
    AbsentClass absent = AbsentClass::drop;
    double confidence = 0.95;
    std::size_t enough_positives = 10;  // for the second macro
};

struct MetricResult {
    // macro-auroc, macro-auroc-10, macro-auprc, macro-f1, accuracy, balanced-accuracy, log-loss,
    // brier, ece; mae, rmse, r2, pearson. ece is the expected calibration error (curves.hpp): mean
    // over the classes for multi-label, of the most probable class for multi-class.
    std::string name;
    std::optional<double> value;
    Interval interval;  // interval.unscored counts the resamples without a value
    // Macro means: classes in the mean, classes left out, and resamples on which fewer classes than
    // that could be scored (the others' mean stands for them).
    std::size_t classes = 0;
    std::size_t dropped = 0;
    std::size_t incomplete_resamples = 0;
};
bool higher_is_better(std::string_view metric);

struct ClassResult {
    std::string code;
    std::string name;
    std::size_t train_positives = 0;
    std::size_t validation_positives = 0;
    std::size_t test_positives = 0;
    std::size_t test_negatives = 0;
    MetricResult auroc;
    MetricResult auprc;
    // Multi-label: the validation threshold of highest F1 (0.5 where validation has no positive);
    // nothing for multi-class, where the most probable class is the answer.
    std::optional<double> threshold;
    std::optional<double> f1;
    std::optional<double> balanced_accuracy;
    std::optional<double> log_loss;
    std::optional<double> brier;
    std::optional<double> calibration_error;  // curves.hpp
};

struct Scores {
    TaskKind kind = TaskKind::multi_label;
    std::vector<MetricResult> metrics;
    std::vector<ClassResult> classes;  // empty for a regression
    std::size_t train_rows = 0;        // rows with an answer
    std::size_t validation_rows = 0;
    std::size_t test_rows = 0;
    std::size_t test_patients = 0;
    // For paired comparisons: the draws' first columns are `metrics` in order.
    std::vector<std::string> test_records;
    Bootstrap bootstrap;
    ScoringOptions options;

    // An InputError lists the metrics there are.
    const MetricResult& metric(std::string_view name) const;
    std::size_t metric_index(std::string_view name) const;
};

Scores score_predictions(const Matrix& predictions, const EvaluationRows& rows, const Task& task,
                         const Targets& targets, const ScoringOptions& options = {});

// ---- several models on the same test rows ----

struct Comparison {
    std::string metric;
    PairedDifference difference;       // first − second
    std::optional<double> adjusted_p;  // Holm, over the comparisons made together
};
// Each of `models` against `reference`. The test rows and the bootstrap's seed and size must be the
// same (InputError).
std::vector<Comparison> compare_with(const Scores& reference,
                                     const std::vector<const Scores*>& models,
                                     std::string_view metric);

}  // namespace clef
