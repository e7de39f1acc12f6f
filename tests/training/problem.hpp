// A task that an encoder can learn in a moment.
#pragma once

#include <cmath>
#include <fmt/format.h>

#include "base/random.hpp"
#include "families.hpp"
#include "runtime/session.hpp"
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

// Windows of two of the encoder's three leads, in an order of their own.
inline Problem family_problem(const std::string& family, TaskKind kind, std::size_t count) {
    Problem problem = make_problem(kind, count, 30, 2, 0.3);
    problem.encoder = tiny_model(family);
    problem.windows.channels = {2, 0};
    return problem;
}

inline Window window_of(const WindowSet& windows, std::size_t index) {
    const auto values = windows.window(index);
    const auto marks = windows.marks(index);
    Window window;
    window.samples.assign(values.begin(), values.end());
    window.observed.assign(marks.begin(), marks.end());
    window.channels = windows.channels;
    return window;
}

// What the head makes of a window's embedding, before any activation.
inline std::vector<double> outputs_of(const LinearHead& head, const std::vector<float>& embedding) {
    std::vector<double> outputs = head.intercepts;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        for (std::size_t d = 0; d < embedding.size(); ++d) {
            outputs[k] += head.weights.at(k, d) * embedding[d];
        }
    }
    return outputs;
}

// By the runtime: outputs of the embedding's head, averaged over the recording's windows.
inline std::vector<double> predicted(const Session& session, const WindowSet& windows,
                                     const LinearHead& head, std::size_t row) {
    std::vector<double> means(head.intercepts.size(), 0);
    const std::size_t first = windows.first[row];
    const std::size_t last = windows.first[row + 1];
    for (std::size_t w = first; w < last; ++w) {
        const auto outputs = outputs_of(head, session.run(window_of(windows, w)));
        for (std::size_t k = 0; k < means.size(); ++k) {
            means[k] += outputs[k] / static_cast<double>(last - first);
        }
    }
    activate(head.kind == TaskKind::regression    ? Activation::identity
             : head.kind == TaskKind::multi_class ? Activation::softmax
                                                  : Activation::sigmoid,
             means);
    return means;
}

// How much faster the loss rises along its gradient than the gradient says; 1 where it is right.
// `rise`: by about so much. The numbers are drawn anew around where they are first.
inline double rise_along_gradient(FineTuner& tuner, std::span<const std::size_t> rows,
                                  double deviation, double rise) {
    const auto blocks = tuner.parameters();
    Random random(4, "everything");
    for (const ParameterBlock& block : blocks) {
        for (float& value : block.values) value += static_cast<float>(random.normal(0, deviation));
    }
    tuner.learn(rows, 0);
    double squares = 0;
    for (const ParameterBlock& block : blocks) {
        for (const float value : block.gradient) squares += double{value} * value;
    }
    const double step = rise / squares;
    const auto moved = [&](double factor) {
        for (const ParameterBlock& block : blocks) {
            for (std::size_t i = 0; i < block.values.size(); ++i) {
                block.values[i] += static_cast<float>(factor * block.gradient[i]);
            }
        }
        return tuner.measure(rows);
    };
    const double high = moved(step);
    const double low = moved(-2 * step);
    return (high - low) / (2 * step) / squares;
}

inline FineTuneOptions quick_options() {
    FineTuneOptions options;
    options.steps.epochs = 4;
    options.steps.batch = 16;
    options.scoring.bootstrap.resamples = 50;
    return options;
}

}  // namespace clef::testing
