#include "evaluation/attention_pool.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/threads.hpp"
#include "evaluation/step_protocol.hpp"

namespace clef {

struct AttentionPool::Gradient {
    std::vector<double> queries, weights, biases;
};

namespace {

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
    return sum;
}

// By the training rows' time steps; constant dimensions are only centred.
void standardise(TimeSteps& steps, const std::vector<std::size_t>& train) {
    const std::size_t width = steps.dimensions;
    std::vector<double> mean(width, 0), squares(width, 0);
    double count = 0;
    for (const std::size_t row : train) {
        for (std::size_t t = steps.first[row]; t < steps.first[row + 1]; ++t, ++count) {
            const auto x = steps.step(t);
            for (std::size_t d = 0; d < width; ++d) mean[d] += x[d];
        }
    }
    if (count == 0) return;
    for (double& value : mean) value /= count;
    for (const std::size_t row : train) {
        for (std::size_t t = steps.first[row]; t < steps.first[row + 1]; ++t) {
            const auto x = steps.step(t);
            for (std::size_t d = 0; d < width; ++d) squares[d] += std::pow(x[d] - mean[d], 2);
        }
    }
    for (std::size_t i = 0; i < steps.values.size(); ++i) {
        const std::size_t d = i % width;
        const double deviation = std::sqrt(squares[d] / count);
        const double offset = steps.values[i] - mean[d];
        steps.values[i] = static_cast<float>(deviation > 1e-12 ? offset / deviation : offset);
    }
}

void check_steps(const TimeSteps& steps, const EvaluationRows& rows, const Targets& targets) {
    if (steps.rows() != targets.rows() || rows.splits.size() != targets.rows()) {
        fail_input("time steps of {} recordings for {} rows of the cohort", steps.rows(),
                   targets.rows());
    }
    for (std::size_t row = 0; row < steps.rows(); ++row) {
        for (std::size_t t = steps.first[row]; t < steps.first[row + 1]; ++t) {
            for (const float value : steps.step(t)) {
                if (!std::isfinite(value)) {
                    fail_input("a feature of record '{}' is not a finite number",
                               rows.records[row]);
                }
            }
        }
    }
}

}  // namespace

AttentionPool::AttentionPool(const TimeSteps& steps, const TaskLoss& loss, std::size_t heads,
                             std::uint64_t seed, unsigned threads)
    : steps_(steps),
      loss_(loss),
      heads_(heads),
      threads_(threads),
      queries_(heads * steps.dimensions),
      weights_(loss.outputs() * heads * steps.dimensions),
      biases_(loss.prior().begin(), loss.prior().end()),
      query_gradient_(queries_.size()),
      weight_gradient_(weights_.size()),
      bias_gradient_(biases_.size()) {
    // Heads must differ to learn different things; V = 0 starts from the training prevalences.
    Random random(seed, "attention queries");
    for (float& value : queries_) value = static_cast<float>(random.normal(0, 0.5));
}

std::vector<ParameterBlock> AttentionPool::parameters() {
    return {{queries_, query_gradient_},
            {weights_, weight_gradient_},
            {biases_, bias_gradient_, 1, false}};
}

std::vector<double> AttentionPool::attention(std::size_t row, std::size_t head) const {
    const std::size_t width = steps_.dimensions;
    const auto query = std::span(queries_).subspan(head * width, width);
    std::vector<double> shares;
    for (std::size_t t = steps_.first[row]; t < steps_.first[row + 1]; ++t) {
        shares.push_back(dot(query, steps_.step(t)) / std::sqrt(static_cast<double>(width)));
    }
    activate(Activation::softmax, shares);
    return shares;
}

namespace {

// Σ_t a_t x_t
std::vector<double> pooled_by(const TimeSteps& steps, std::size_t row,
                              const std::vector<double>& shares) {
    std::vector<double> pooled(steps.dimensions, 0);
    for (std::size_t k = 0; k < shares.size(); ++k) {
        const auto x = steps.step(steps.first[row] + k);
        for (std::size_t d = 0; d < pooled.size(); ++d) pooled[d] += shares[k] * x[d];
    }
    return pooled;
}

}  // namespace

std::vector<double> AttentionPool::outputs(std::size_t row) const {
    const std::size_t width = steps_.dimensions;
    std::vector<double> result(biases_.begin(), biases_.end());
    for (std::size_t h = 0; h < heads_; ++h) {
        const std::vector<double> pooled = pooled_by(steps_, row, attention(row, h));
        for (std::size_t k = 0; k < result.size(); ++k) {
            const float* weights = weights_.data() + (k * heads_ + h) * width;
            for (std::size_t d = 0; d < width; ++d) result[k] += pooled[d] * weights[d];
        }
    }
    return result;
}

double AttentionPool::learn_row(std::size_t row, double share, Gradient& gradient) const {
    const std::size_t width = steps_.dimensions;
    std::vector<std::vector<double>> shares, pooled;
    std::vector<double> outputs(biases_.begin(), biases_.end());
    for (std::size_t h = 0; h < heads_; ++h) {
        shares.push_back(attention(row, h));
        pooled.push_back(pooled_by(steps_, row, shares[h]));
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const float* weights = weights_.data() + (k * heads_ + h) * width;
            for (std::size_t d = 0; d < width; ++d) outputs[k] += pooled[h][d] * weights[d];
        }
    }
    std::vector<double> of_outputs(outputs.size());
    const double loss = loss_.of(row, outputs, of_outputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) gradient.biases[k] += share * of_outputs[k];
    for (std::size_t h = 0; h < heads_; ++h) {
        std::vector<double> of_pooled(width, 0);
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const std::size_t offset = (k * heads_ + h) * width;
            for (std::size_t d = 0; d < width; ++d) {
                of_pooled[d] += of_outputs[k] * weights_[offset + d];
                gradient.weights[offset + d] += share * of_outputs[k] * pooled[h][d];
            }
        }
        // Through the softmax: of its t-th score a_t (of_pooled · x_t − of_pooled · z).
        double middle = 0;
        for (std::size_t d = 0; d < width; ++d) middle += of_pooled[d] * pooled[h][d];
        const double scale = share / std::sqrt(static_cast<double>(width));
        for (std::size_t t = 0; t < shares[h].size(); ++t) {
            const auto x = steps_.step(steps_.first[row] + t);
            double along = 0;
            for (std::size_t d = 0; d < width; ++d) along += of_pooled[d] * x[d];
            const double of_score = scale * shares[h][t] * (along - middle);
            for (std::size_t d = 0; d < width; ++d) {
                gradient.queries[h * width + d] += of_score * x[d];
            }
        }
    }
    return loss;
}

double AttentionPool::learn(std::span<const std::size_t> rows, int) {
    // So many rows a job, whatever the number of threads: sums are in the same order.
    constexpr std::size_t per_job = 8;
    const std::size_t jobs = (rows.size() + per_job - 1) / per_job;
    std::vector<Gradient> gradients(jobs);
    std::vector<double> losses(jobs, 0);
    const double share = 1 / static_cast<double>(rows.size());
    parallel_for(jobs, threads_, [&](std::size_t job) {
        gradients[job] = {std::vector<double>(queries_.size(), 0),
                          std::vector<double>(weights_.size(), 0),
                          std::vector<double>(biases_.size(), 0)};
        for (std::size_t i = job * per_job; i < std::min(rows.size(), (job + 1) * per_job); ++i) {
            losses[job] += share * learn_row(rows[i], share, gradients[job]);
        }
    });
    const auto sum = [&](std::vector<double> Gradient::*part, std::vector<float>& target) {
        for (std::size_t i = 0; i < target.size(); ++i) {
            double total = 0;
            for (const Gradient& gradient : gradients) total += (gradient.*part)[i];
            target[i] = static_cast<float>(total);
        }
    };
    sum(&Gradient::queries, query_gradient_);
    sum(&Gradient::weights, weight_gradient_);
    sum(&Gradient::biases, bias_gradient_);
    double loss = 0;
    for (const double part : losses) loss += part;
    return loss;
}

double AttentionPool::measure(std::span<const std::size_t> rows) {
    std::vector<double> losses(rows.size());
    parallel_for(rows.size(), threads_,
                 [&](std::size_t i) { losses[i] = loss_.of(rows[i], outputs(rows[i])); });
    double sum = 0;
    for (const double loss : losses) sum += loss;
    return sum / static_cast<double>(rows.size());
}

TaskResult attention_pool(TimeSteps steps, const EvaluationRows& rows, const Task& task,
                          const Targets& targets, const AttentionPoolOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    check_steps(steps, rows, targets);
    const StepRows own = step_rows(rows, task, targets, options.train_fraction, options.steps.seed);
    standardise(steps, own.train);
    const TaskLoss loss(targets, own.train);
    AttentionPool pool(steps, loss, options.heads, options.steps.seed, options.steps.threads);
    const StepTraining training = train_by_steps(pool, own.train, own.validation, options.steps);

    TaskResult result = step_result("attention-pool", task, options.train_fraction,
                                    options.steps.seed, own, training);
    result.settings_text = fmt::format("{} heads, epoch {} of {}", options.heads, training.best + 1,
                                       training.epochs.size());
    result.predictions = Matrix(targets.rows(), loss.outputs());
    parallel_for(targets.rows(), options.steps.threads, [&](std::size_t row) {
        const auto predicted = loss.predictions(pool.outputs(row));
        std::copy(predicted.begin(), predicted.end(), result.predictions.row(row).begin());
    });
    result.scores = score_predictions(result.predictions, rows, task, targets, options.scoring);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace clef
