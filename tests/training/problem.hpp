// A task that an encoder can learn in a moment.
#pragma once

#include <cmath>
#include <fmt/format.h>

#include "base/random.hpp"
#include "training/fine_tuning.hpp"

namespace clef::testing {

// Windows of two frequencies in noise, by the row's class; some recordings have two windows.
struct Problem {
    Model encoder = random_model("clef-small", 1, 21);
    WindowSet windows;
    EvaluationRows rows;
    Task task;
    Targets targets;
};

inline Problem make_problem(TaskKind kind, std::size_t count, std::size_t samples = 200,
                            std::size_t leads = 1, double noise = 1) {
    Random random(9, "windows");
    Problem problem;
    problem.windows.leads = leads;
    problem.windows.samples = samples;
    problem.task.name = "frequency";
    problem.task.label = "frequency";
    problem.task.kind = problem.targets.kind = kind;
    if (kind != TaskKind::regression) {
        problem.task.classes = {{"slow", "slow"}, {"fast", "fast"}};
        problem.targets.classes = 2;
    }
    const char* splits[] = {"train", "train", "val", "test"};
    for (std::size_t i = 0; i < count; ++i) {
        problem.rows.records.push_back(fmt::format("r{}", i));
        problem.rows.patients.push_back(fmt::format("p{}", i));
        problem.rows.splits.push_back(splits[i % 4]);
        const bool fast = random.chance(0.5);
        problem.targets.known.push_back(1);
        problem.targets.class_index.push_back(fast);
        problem.targets.indicators.push_back(!fast);
        problem.targets.indicators.push_back(fast);
        problem.targets.values.push_back(fast ? 80 : 60);
        const std::size_t windows = i % 5 == 0 ? 2 : 1;
        for (std::size_t w = 0; w < windows * leads; ++w) {
            const double phase = random.uniform(0, 6);
            for (std::size_t t = 0; t < samples; ++t) {
                problem.windows.values.push_back(static_cast<float>(
                    std::sin(phase + static_cast<double>(t) * (fast ? 0.5 : 0.2)) +
                    random.normal(0, noise)));
            }
        }
        problem.windows.first.push_back(problem.windows.first.back() + windows);
    }
    return problem;
}

inline FineTuneOptions quick_options() {
    FineTuneOptions options;
    options.steps.epochs = 4;
    options.steps.batch = 16;
    options.scoring.bootstrap.resamples = 50;
    return options;
}

}  // namespace clef::testing
