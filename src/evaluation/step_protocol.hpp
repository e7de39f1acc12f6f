// What the protocols that learn step by step (attention-pool, finetune, scratch) share around the
// learning: the rows that they may see, and what is said of a run.
#pragma once

#include "evaluation/label_fraction.hpp"
#include "evaluation/probe.hpp"
#include "evaluation/step_training.hpp"

namespace clef {

struct StepRows {
    std::vector<std::size_t> train;  // those of the fraction
    std::vector<std::size_t> validation;
};

// InputError for a patient in two splits, and for a split without an answer.
StepRows step_rows(const EvaluationRows& rows, const Task& task, const Targets& targets,
                   double train_fraction, std::uint64_t seed);

// All of a result but its settings, predictions, scores and seconds.
TaskResult step_result(const char* protocol, const Task& task, double train_fraction,
                       std::uint64_t seed, const StepRows& rows, const StepTraining& training);

}  // namespace clef
