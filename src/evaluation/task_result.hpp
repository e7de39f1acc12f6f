// What comes of one protocol on one task: predictions, their scores, and how they were come by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/task.hpp"
#include "encoder/model.hpp"
#include "evaluation/linear_head.hpp"
#include "evaluation/matrix.hpp"
#include "evaluation/scoring.hpp"

namespace clef {

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

// One pass over the training recordings of a protocol that learns step by step.
struct Epoch {
    double training_loss = 0;
    double validation_loss = 0;  // of the loss that is minimised; what the best epoch is chosen by
};

struct TaskResult {
    std::string model;                // whose encoder; for the report
    std::string protocol;             // one of known_protocols()
    double fraction = 1;              // of the training patients
    std::uint64_t seed = 0;           // of whatever was drawn: weights, order, patients
    std::string settings_text = "–";  // what was chosen, for people

    Task task;
    std::vector<std::string> unlearnt_classes;  // codes
    std::size_t fitted_rows = 0;                // training rows used

    // The probe's.
    ProbeSettings settings;
    std::vector<ProbeCandidate> candidates;  // all tried, in the order of the grid
    LinearHead head;                         // also the last layer of a fine-tuned encoder

    // Of protocols that learn step by step.
    std::vector<Epoch> epochs;
    std::size_t best_epoch = 0;                 // index into epochs
    std::shared_ptr<const Model> encoder = {};  // a fine-tuned one, without its head

    Matrix predictions;  // all rows × outputs
    Scores scores;
    double seconds = 0;  // wall time, fitting and scoring

    // "clef, finetune, seed 2, 10 % of the labels": what tells it from the others of a report.
    std::string name() const;
    // The same without the seed: what several seeds are averaged under.
    std::string group() const;
};

// probe, attention-pool, finetune, scratch, random, mean: what each is stands in
// docs/evaluation.md.
const std::vector<std::string>& known_protocols();

}  // namespace clef
