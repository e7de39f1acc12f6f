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

#include "cohort/task.hpp"
#include "evaluation/linear_head.hpp"
#include "evaluation/matrix.hpp"
#include "evaluation/scoring.hpp"

namespace clef {

struct ProbeOptions {
    std::vector<double> c = {0.01, 0.1, 1, 10};  // ascending
    std::vector<double> alphas = {0.01, 0.1, 1, 10, 100, 1000, 10000};
    std::vector<bool> standardise = {true, false};
    std::vector<bool> balanced = {false, true};
    // The fraction of the training patients whose rows are used, for label-efficiency curves; a
    // smaller fraction's patients are among a larger one's.
    double train_fraction = 1;
    std::uint64_t seed = 0;  // of that choice
    unsigned threads = 0;    // 0: all available
    ScoringOptions scoring;
};

struct ProbeSettings {
    bool standardise = false;
    bool balanced = false;
    double c = 0;      // classification
    double alpha = 0;  // regression
};
std::string describe(const ProbeSettings& settings);  // "C 0.1, standardised, weights balanced"

struct ProbeCandidate {
    ProbeSettings settings;
    double validation_loss = 0;  // mean log-loss, or mean absolute error
};

struct ProbeResult {
    std::string model;     // whose embeddings; for the report
    std::string protocol;  // "probe", "mean"; others by whoever makes them
    Task task;
    ProbeSettings settings;                     // the ones chosen
    std::vector<ProbeCandidate> candidates;     // all tried, in the order of the grid
    std::vector<std::string> unlearnt_classes;  // codes
    std::size_t fitted_rows = 0;                // training rows used
    LinearHead head;
    Matrix predictions;  // all rows × outputs
    Scores scores;
    double seconds = 0;  // wall time, fitting and scoring
};

// `embeddings` is parallel to the rows and targets. Errors (InputError): other lengths, values that
// are not finite, a patient in two splits, a split without an answered row, a class all rows lack.
ProbeResult linear_probe(const FloatMatrix& embeddings, const EvaluationRows& rows,
                         const Task& task, const Targets& targets,
                         const ProbeOptions& options = {});

// Predicts the training rows' prevalences, or their mean value, for every row: what any encoder
// should beat.
ProbeResult mean_baseline(const EvaluationRows& rows, const Task& task, const Targets& targets,
                          const ScoringOptions& options = {});

}  // namespace clef
