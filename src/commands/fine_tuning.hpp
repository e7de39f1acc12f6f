// The way from `clef` to fine-tuning, which lives in clef-training (training_program.hpp).
#pragma once

#include "training/fine_tuning.hpp"

namespace clef {

bool can_fine_tune();

// fine_tune() of training/fine_tuning.hpp. In a program without training an InputError, which the
// hand-over comes before.
TaskResult fine_tune_encoder(const Model& encoder, const WindowSet& windows,
                             const EvaluationRows& rows, const Task& task, const Targets& targets,
                             const FineTuneOptions& options);

}  // namespace clef
