#include "evaluation/step_protocol.hpp"

namespace clef {

StepRows step_rows(const EvaluationRows& rows, const Task& task, const Targets& targets,
                   double train_fraction, std::uint64_t seed) {
    refuse_shared_patients(rows);
    StepRows found{training_rows(rows, targets, train_fraction, seed),
                   answered_rows(rows, targets, "val")};
    require_rows(found.train, "train", task);
    require_rows(found.validation, "val", task);
    require_rows(answered_rows(rows, targets, "test"), "test", task);
    return found;
}

TaskResult step_result(const char* protocol, const Task& task, double train_fraction,
                       std::uint64_t seed, const StepRows& rows, const StepTraining& training) {
    TaskResult result;
    result.protocol = protocol;
    result.fraction = train_fraction;
    result.seed = seed;
    result.task = task;
    result.fitted_rows = rows.train.size();
    result.epochs = training.epochs;
    result.best_epoch = training.best;
    return result;
}

}  // namespace clef
