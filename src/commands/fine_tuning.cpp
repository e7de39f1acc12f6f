// Part of clef-training alone.
#include "commands/fine_tuning.hpp"

namespace clef {

bool can_fine_tune() {
    return true;
}

TaskResult fine_tune_encoder(const Model& encoder, const WindowSet& windows,
                             const EvaluationRows& rows, const Task& task, const Targets& targets,
                             const FineTuneOptions& options) {
    return fine_tune(encoder, windows, rows, task, targets, options);
}

}  // namespace clef
