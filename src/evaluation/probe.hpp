// The linear probe: what can be read off frozen embeddings by a linear model.
//
// Classification: one-vs-rest L2 logistic regression over the grid C {0.01, 0.1, 1, 10} ×
// standardised features or not × class weights none or balanced, one setting for all classes,
// chosen by the mean log-loss of the validation rows. Multi-class probabilities are the one-vs-rest
// probabilities divided by their sum. Regression: ridge over a grid of α × standardised or not,
// chosen by the mean absolute error of the validation rows. The probe is fitted to the training
// rows only; the test rows are used once, to score the setting chosen.
//
// A class with one sign only among the training rows cannot be learnt: it gets its training
// prevalence (0 or 1) as the score of every row, and is counted in `unlearnt_classes`.
//
// Results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluation/task_result.hpp"

namespace clef {

struct ProbeOptions {
    std::vector<double> c = {0.01, 0.1, 1, 10};  // ascending
    std::vector<double> alphas = {0.01, 0.1, 1, 10, 100, 1000, 10000};
    std::vector<bool> standardise = {true, false};
    std::vector<bool> balanced = {false, true};
    // The share of the training patients whose answers are used, and the seed of the choice
    // (label_fraction.hpp).
    double train_fraction = 1;
    std::uint64_t seed = 0;
    unsigned threads = 0;  // 0: all available
    ScoringOptions scoring;
};

// `embeddings` is parallel to the rows and targets. Errors (InputError): other lengths, values that
// are not finite, a patient in two splits, a split without an answered row, a class all rows lack.
TaskResult linear_probe(const FloatMatrix& embeddings, const EvaluationRows& rows, const Task& task,
                        const Targets& targets, const ProbeOptions& options = {});

// Predicts the training rows' prevalences, or their mean value, for every row: what any encoder
// should beat.
TaskResult mean_baseline(const EvaluationRows& rows, const Task& task, const Targets& targets,
                         const ScoringOptions& options = {}, double fraction = 1,
                         std::uint64_t seed = 0);

// InputError that says which split of which task is empty, where none was found.
void require_rows(const std::vector<std::size_t>& found, const char* split, const Task& task);

}  // namespace clef
