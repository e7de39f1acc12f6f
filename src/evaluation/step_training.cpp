#include "evaluation/step_training.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "base/random.hpp"

namespace clef {
namespace {

double length_of(const std::vector<ParameterBlock>& blocks) {
    double squares = 0;
    for (const ParameterBlock& block : blocks) {
        for (const float value : block.gradient) squares += double{value} * value;
    }
    return std::sqrt(squares);
}

std::vector<std::vector<float>> copies(const std::vector<ParameterBlock>& blocks) {
    std::vector<std::vector<float>> result;
    for (const ParameterBlock& block : blocks) {
        result.emplace_back(block.values.begin(), block.values.end());
    }
    return result;
}

void check_loss(double loss, const char* which, std::size_t epoch) {
    if (std::isfinite(loss)) return;
    fail_run("the {} loss of epoch {} is not a number; try a lower --learning-rate", which,
             epoch + 1);
}

}  // namespace

BlockAdamW::BlockAdamW(std::vector<ParameterBlock> blocks, AdamOptions options)
    : blocks_(std::move(blocks)), options_(options) {
    for (const ParameterBlock& block : blocks_) {
        first_.emplace_back(block.values.size(), 0.0F);
        second_.emplace_back(block.values.size(), 0.0F);
    }
}

void BlockAdamW::step(double learning_rate, double clip) {
    ++steps_;
    double scale = 1;
    if (clip > 0) {
        const double length = length_of(blocks_);
        if (length > clip) scale = clip / length;
    }
    const auto steps = static_cast<double>(steps_);
    const double correction1 = 1 - std::pow(options_.beta1, steps);
    const double correction2 = std::sqrt(1 - std::pow(options_.beta2, steps));
    const auto beta1 = static_cast<float>(options_.beta1);
    const auto beta2 = static_cast<float>(options_.beta2);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        ParameterBlock& block = blocks_[b];
        const double rate = learning_rate * block.rate;
        const auto kept = static_cast<float>(block.decays ? 1 - rate * options_.weight_decay : 1.0);
        const auto stride = static_cast<float>(rate / correction1);
        for (std::size_t i = 0; i < block.values.size(); ++i) {
            const float gradient = block.gradient[i] * static_cast<float>(scale);
            float& first = first_[b][i];
            float& second = second_[b][i];
            first = beta1 * first + (1 - beta1) * gradient;
            second = beta2 * second + (1 - beta2) * gradient * gradient;
            const float denominator = std::sqrt(second) / static_cast<float>(correction2) +
                                      static_cast<float>(options_.epsilon);
            block.values[i] = block.values[i] * kept - stride * first / denominator;
        }
    }
}

double rate_at(std::int64_t step, std::int64_t steps, double warm_up) {
    constexpr double lowest = 0.01;
    const double warm = std::ceil(warm_up * static_cast<double>(steps));
    const auto here = static_cast<double>(step);
    if (here < warm) return (here + 1) / warm;
    const double rest = std::max(1.0, static_cast<double>(steps) - warm);
    const double done = (here - warm) / rest;
    return lowest + (1 - lowest) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

StepTraining train_by_steps(Learnable& learnable, std::span<const std::size_t> train,
                            std::span<const std::size_t> validation,
                            const StepTrainingOptions& options) {
    if (train.empty() || validation.empty()) {
        fail_input("learning step by step needs training and validation rows; there are {} and {}",
                   train.size(), validation.size());
    }
    if (options.epochs < 1 || options.batch < 1 || !(options.learning_rate > 0)) {
        fail_input("epochs and batch must be at least 1 and the learning rate above 0");
    }
    const std::vector<ParameterBlock> blocks = learnable.parameters();
    BlockAdamW optimiser(blocks, options.adam);
    const std::size_t per_epoch = (train.size() + options.batch - 1) / options.batch;
    const auto steps = static_cast<std::int64_t>(per_epoch) * options.epochs;
    StepTraining result;
    std::vector<std::vector<float>> best;
    std::int64_t step = 0;
    for (int e = 0; e < options.epochs; ++e) {
        const auto order = Random(options.seed, "order of an epoch", static_cast<std::uint64_t>(e))
                               .permutation(train.size());
        Epoch epoch;
        for (std::size_t first = 0; first < train.size(); first += options.batch) {
            const std::size_t last = std::min(first + options.batch, train.size());
            std::vector<std::size_t> rows;
            for (std::size_t i = first; i < last; ++i) rows.push_back(train[order[i]]);
            const double loss = learnable.learn(rows, e);
            epoch.training_loss +=
                loss * static_cast<double>(rows.size()) / static_cast<double>(train.size());
            check_loss(loss, "training", result.epochs.size());
            optimiser.step(options.learning_rate * rate_at(step++, steps, options.warm_up),
                           options.clip);
        }
        epoch.validation_loss = learnable.measure(validation);
        check_loss(epoch.validation_loss, "validation", result.epochs.size());
        result.epochs.push_back(epoch);
        if (best.empty() || epoch.validation_loss < result.epochs[result.best].validation_loss) {
            result.best = result.epochs.size() - 1;
            best = copies(blocks);
        }
        if (result.epochs.size() - 1 - result.best >= static_cast<std::size_t>(options.patience)) {
            break;
        }
    }
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        std::copy(best[b].begin(), best[b].end(), blocks[b].values.begin());
    }
    return result;
}

}  // namespace clef
