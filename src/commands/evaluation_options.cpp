#include "commands/evaluation_options.hpp"

#include <filesystem>

namespace clef {

void add_protocol_options(CLI::App& command, EvaluationPlan& plan) {
    StepTrainingOptions& steps = plan.fine_tune.steps;
    command
        .add_option("--random-seeds", plan.random_seeds, "how many encoders with random weights")
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    command.add_option("--epochs", steps.epochs, "of finetune and scratch, at most")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command
        .add_option("--patience", steps.patience,
                    "epochs without a better validation loss after which they stop")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--batch", steps.batch, "recordings in one step")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    command.add_option("--learning-rate", steps.learning_rate, "of finetune and scratch")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        .add_option("--layer-decay", plan.fine_tune.layer_decay,
                    "each layer's rate is this times that of the next one up; 1: all alike")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command
        .add_option("--crop-seconds", plan.fine_tune.crop_seconds,
                    "random crops of windows while finetune and scratch learn; 0: whole windows")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--heads", plan.attention.heads, "of the attention pool")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command
        .add_option("--windows", plan.most_windows,
                    "at most so many windows of a long recording, evenly spread, for all protocols "
                    "but the probe's; 0: all")
        ->capture_default_str();
    command
        .add_option("--resamples", plan.probe.scoring.bootstrap.resamples,
                    "of the test patients, for intervals and p-values: the least p is 2 in so many")
        ->check(CLI::Range(100, 1000000))
        ->capture_default_str();
    command.add_option("--bootstrap-seed", plan.probe.scoring.bootstrap.seed, "of the intervals");
    command.add_option("--threads", plan.embed.threads, "0: all processors");
}

void settle_protocol_options(EvaluationPlan& plan) {
    plan.probe.scoring.bootstrap.threads = plan.embed.threads;
    plan.probe.threads = plan.embed.threads;
    plan.attention.scoring = plan.fine_tune.scoring = plan.probe.scoring;
    plan.attention.steps.threads = plan.fine_tune.steps.threads = plan.embed.threads;
}

Contender read_contender(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || std::filesystem::exists(text)) {
        const std::filesystem::path path(text);
        return {path.parent_path().filename().string() + "/" + path.stem().string(),
                read_model(text)};
    }
    return {text.substr(0, equals), read_model(text.substr(equals + 1))};
}

}  // namespace clef
