#include "evaluation/probe.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/threads.hpp"
#include "evaluation/label_fraction.hpp"
#include "evaluation/logistic.hpp"
#include "evaluation/ridge.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

FloatMatrix rows_at(const FloatMatrix& embeddings, const std::vector<std::size_t>& rows) {
    FloatMatrix result(rows.size(), embeddings.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(embeddings.row(rows[i]).begin(), embeddings.columns, result.row(i).begin());
    }
    return result;
}

struct Fit {
    const FloatMatrix& embeddings;
    const Task& task;
    const Targets& targets;
    const ProbeOptions& options;
    std::vector<std::size_t> train;
    std::vector<std::size_t> validation;
    FloatMatrix validation_embeddings;
};

std::vector<Label> train_labels(const Fit& fit, std::size_t class_index) {
    std::vector<Label> labels;
    for (const std::size_t row : fit.train) {
        labels.push_back(label_of(fit.targets, row, class_index));
    }
    return labels;
}

std::vector<bool> learnable_classes(const Fit& fit) {
    std::vector<bool> result;
    for (std::size_t k = 0; k < fit.targets.classes; ++k) {
        const auto labels = train_labels(fit, k);
        const auto positives =
            static_cast<std::size_t>(std::count(labels.begin(), labels.end(), 1));
        result.push_back(positives > 0 && positives < labels.size());
    }
    return result;
}

// Mean log-loss over the validation rows, and over the classes where each is decided for itself.
double validation_loss(const Fit& fit, const LinearHead& head, const std::vector<bool>& learnable) {
    const Matrix predictions = head.predict(fit.validation_embeddings);
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < fit.validation.size(); ++i) {
        const std::size_t row = fit.validation[i];
        if (fit.targets.kind == TaskKind::regression) {
            sum += std::abs(predictions.at(i, 0) - fit.targets.values[row]);
            count += 1;
            continue;
        }
        for (std::size_t k = 0; k < predictions.columns; ++k) {
            const bool positive = label_of(fit.targets, row, k) == 1;
            if (!learnable[k]) continue;
            if (fit.targets.kind == TaskKind::multi_class && !positive) continue;
            sum += log_loss_of(predictions.at(i, k), positive);
            count += 1;
        }
    }
    return count > 0 ? sum / count : 0;
}

LinearHead empty_head(const Fit& fit) {
    LinearHead head;
    head.kind = fit.targets.kind;
    const std::size_t outputs = fit.targets.kind == TaskKind::regression ? 1 : fit.targets.classes;
    head.weights = Matrix(outputs, fit.embeddings.columns);
    head.intercepts.assign(outputs, 0);
    return head;
}

struct Candidates {
    std::vector<ProbeCandidate> described;
    std::vector<LinearHead> heads;
};

// Fits every setting of the grid: a path over C for each (standardise, balanced, class).
Candidates fit_classifiers(const Fit& fit, const std::vector<bool>& learnable) {
    const ProbeOptions& options = fit.options;
    Candidates result;
    for (const bool standardise : options.standardise) {
        const Scaling scaling = make_scaling(fit.embeddings, fit.train, standardise);
        const LogisticProblem problem(scaled_rows(fit.embeddings, fit.train, scaling));
        const std::size_t first = result.heads.size();
        for (const bool balanced : options.balanced) {
            for (const double c : options.c) {
                result.described.push_back({{standardise, balanced, c, 0}, 0});
                result.heads.push_back(empty_head(fit));
            }
        }
        const std::size_t classes = fit.targets.classes;
        parallel_for(options.balanced.size() * classes, options.threads, [&](std::size_t job) {
            const std::size_t k = job % classes;
            const auto labels = train_labels(fit, k);
            const std::size_t offset = first + job / classes * options.c.size();
            if (!learnable[k]) {
                const double infinity = std::numeric_limits<double>::infinity();
                for (std::size_t j = 0; j < options.c.size(); ++j) {
                    result.heads[offset + j].intercepts[k] =
                        labels.front() == 1 ? infinity : -infinity;
                }
                return;
            }
            const auto models =
                problem.fit_path(labels, options.c, options.balanced[job / classes]);
            for (std::size_t j = 0; j < models.size(); ++j) {
                result.heads[offset + j].set(k, models[j].weights, models[j].intercept, scaling);
            }
        });
    }
    return result;
}

Candidates fit_regressions(const Fit& fit) {
    std::vector<double> values;
    for (const std::size_t row : fit.train) values.push_back(fit.targets.values[row]);
    Candidates result;
    for (const bool standardise : fit.options.standardise) {
        const Scaling scaling = make_scaling(fit.embeddings, fit.train, standardise);
        const RidgeProblem problem(scaled_rows(fit.embeddings, fit.train, scaling), values);
        for (const double alpha : fit.options.alphas) {
            const RidgeModel model = problem.fit(alpha);
            result.described.push_back({{standardise, false, 0, alpha}, 0});
            result.heads.push_back(empty_head(fit));
            result.heads.back().set(0, model.weights, model.intercept, scaling);
        }
    }
    return result;
}

void check_embeddings(const FloatMatrix& embeddings, const EvaluationRows& rows,
                      const Targets& targets) {
    if (embeddings.rows != targets.rows() || rows.splits.size() != targets.rows()) {
        fail_input(
            "{} embeddings for {} rows of the cohort; embed the same cohort that is evaluated",
            embeddings.rows, targets.rows());
    }
    for (std::size_t i = 0; i < embeddings.values.size(); ++i) {
        if (!std::isfinite(embeddings.values[i])) {
            fail_input("the embedding of record '{}' holds a value that is not a finite number",
                       rows.records[i / embeddings.columns]);
        }
    }
}

}  // namespace

void require_rows(const std::vector<std::size_t>& found, const char* split, const Task& task) {
    if (found.empty()) {
        fail_input(
            "no row of split '{}' has an answer for task '{}' (column '{}'); the split "
            "column must hold train, val and test",
            split, task.name, task.label);
    }
}

std::string describe(const ProbeSettings& settings) {
    const std::string scale = settings.standardise ? "standardised" : "as they are";
    if (settings.alpha > 0) return fmt::format("α {}, {}", settings.alpha, scale);
    return fmt::format("C {}, {}, {}", settings.c, scale,
                       settings.balanced ? "weights balanced" : "no weights");
}

TaskResult linear_probe(const FloatMatrix& embeddings, const EvaluationRows& rows, const Task& task,
                        const Targets& targets, const ProbeOptions& options) {
    const auto start = Clock::now();
    check_embeddings(embeddings, rows, targets);
    refuse_shared_patients(rows);
    Fit fit{embeddings,
            task,
            targets,
            options,
            training_rows(rows, targets, options.train_fraction, options.seed),
            answered_rows(rows, targets, "val"),
            {}};
    require_rows(fit.train, "train", task);
    require_rows(fit.validation, "val", task);
    require_rows(answered_rows(rows, targets, "test"), "test", task);
    fit.validation_embeddings = rows_at(embeddings, fit.validation);

    TaskResult result;
    result.protocol = "probe";
    result.fraction = options.train_fraction;
    result.seed = options.seed;
    result.task = task;
    result.fitted_rows = fit.train.size();
    const bool regression = targets.kind == TaskKind::regression;
    const std::vector<bool> learnable = regression ? std::vector<bool>{} : learnable_classes(fit);
    for (std::size_t k = 0; k < learnable.size(); ++k) {
        if (!learnable[k]) result.unlearnt_classes.push_back(task.classes.at(k).code);
    }
    if (!regression && result.unlearnt_classes.size() == learnable.size()) {
        fail_input("no class of task '{}' has both positive and negative training rows", task.name);
    }
    Candidates candidates = regression ? fit_regressions(fit) : fit_classifiers(fit, learnable);
    std::size_t best = 0;
    for (std::size_t k = 0; k < candidates.heads.size(); ++k) {
        auto& losses = candidates.described;
        losses[k].validation_loss = validation_loss(fit, candidates.heads[k], learnable);
        if (losses[k].validation_loss < losses[best].validation_loss) best = k;
    }
    result.settings = candidates.described[best].settings;
    result.settings_text = describe(result.settings);
    result.candidates = std::move(candidates.described);
    result.head = std::move(candidates.heads[best]);
    result.predictions = result.head.predict(embeddings);
    result.scores = score_predictions(result.predictions, rows, task, targets, options.scoring);
    result.seconds = seconds_since(start);
    return result;
}

TaskResult mean_baseline(const EvaluationRows& rows, const Task& task, const Targets& targets,
                         const ScoringOptions& options, double fraction, std::uint64_t seed) {
    const auto start = Clock::now();
    const auto train = training_rows(rows, targets, fraction, seed);
    require_rows(train, "train", task);
    TaskResult result;
    result.model = "mean predictor";
    result.protocol = "mean";
    result.fraction = fraction;
    result.seed = seed;
    result.task = task;
    result.fitted_rows = train.size();
    const std::size_t outputs = targets.kind == TaskKind::regression ? 1 : targets.classes;
    result.predictions = Matrix(targets.rows(), outputs);
    for (std::size_t k = 0; k < outputs; ++k) {
        double sum = 0;
        for (const std::size_t row : train) {
            sum += targets.kind == TaskKind::regression ? targets.values[row]
                                                        : label_of(targets, row, k);
        }
        for (std::size_t i = 0; i < targets.rows(); ++i) {
            result.predictions.at(i, k) = sum / static_cast<double>(train.size());
        }
    }
    result.scores = score_predictions(result.predictions, rows, task, targets, options);
    result.seconds = seconds_since(start);
    return result;
}

}  // namespace clef
