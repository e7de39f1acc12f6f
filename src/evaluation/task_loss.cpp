#include "evaluation/task_loss.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

// log(1 + eˣ) without overflow.
double softplus(double x) {
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

const std::vector<std::string> activation_names = {"identity", "sigmoid", "softmax",
                                                   "one-against-rest"};

void softmax(std::span<double> outputs) {
    const double highest = *std::max_element(outputs.begin(), outputs.end());
    double sum = 0;
    for (double& value : outputs) sum += value = std::exp(value - highest);
    for (double& value : outputs) value /= sum;
}

}  // namespace

TaskLoss::TaskLoss(const Targets& targets, std::span<const std::size_t> train) : targets_(targets) {
    if (train.empty()) fail_input("there is no training row to learn from");
    const double count = static_cast<double>(train.size());
    if (targets.kind == TaskKind::regression) {
        prior_ = {0};
        for (const std::size_t row : train) mean_ += targets.values[row] / count;
        double squares = 0;
        for (const std::size_t row : train) {
            squares += std::pow(targets.values[row] - mean_, 2) / count;
        }
        if (squares > 0) deviation_ = std::sqrt(squares);
        return;
    }
    for (std::size_t k = 0; k < targets.classes; ++k) {
        double positives = 0;
        for (const std::size_t row : train) positives += label_of(targets, row, k) == 1;
        // Half a row more of each sign, so that a class without either has a finite prior.
        const double share = (positives + 0.5) / (count + 1);
        prior_.push_back(targets.kind == TaskKind::multi_label ? std::log(share / (1 - share))
                                                               : std::log(share));
    }
}

double TaskLoss::of(std::size_t row, std::span<const double> outputs,
                    std::span<double> gradient) const {
    assert(outputs.size() == prior_.size());
    const bool wanted = !gradient.empty();
    if (targets_.kind == TaskKind::regression) {
        const double error = outputs[0] - (targets_.values[row] - mean_) / deviation_;
        if (wanted) gradient[0] = error;
        return 0.5 * error * error;
    }
    if (targets_.kind == TaskKind::multi_class) {
        std::vector<double> probabilities(outputs.begin(), outputs.end());
        softmax(probabilities);
        const auto right = static_cast<std::size_t>(targets_.class_index[row]);
        const double highest = *std::max_element(outputs.begin(), outputs.end());
        double sum = 0;
        for (const double value : outputs) sum += std::exp(value - highest);
        for (std::size_t k = 0; wanted && k < outputs.size(); ++k) {
            gradient[k] = probabilities[k] - (k == right ? 1 : 0);
        }
        return std::log(sum) + highest - outputs[right];
    }
    const double share = 1 / static_cast<double>(outputs.size());
    double loss = 0;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const double label = label_of(targets_, row, k) == 1 ? 1 : 0;
        loss += share * (softplus(outputs[k]) - label * outputs[k]);
        if (wanted) gradient[k] = share * (sigmoid(outputs[k]) - label);
    }
    return loss;
}

std::vector<double> TaskLoss::predictions(std::span<const double> outputs) const {
    std::vector<double> result(outputs.begin(), outputs.end());
    switch (targets_.kind) {
        case TaskKind::multi_label:
            activate(Activation::sigmoid, result);
            break;
        case TaskKind::multi_class:
            activate(Activation::softmax, result);
            break;
        case TaskKind::regression:
            result[0] = mean_ + deviation_ * result[0];
            break;
    }
    return result;
}

std::string activation_name(Activation activation) {
    return activation_names[static_cast<std::size_t>(activation)];
}

Activation activation_from(const std::string& name) {
    const auto it = std::find(activation_names.begin(), activation_names.end(), name);
    if (it == activation_names.end()) {
        fail_input("activation '{}' is not known.{}", name, suggestion(name, activation_names));
    }
    return static_cast<Activation>(it - activation_names.begin());
}

void activate(Activation activation, std::span<double> outputs) {
    switch (activation) {
        case Activation::identity:
            return;
        case Activation::softmax:
            return softmax(outputs);
        case Activation::sigmoid:
        case Activation::one_against_rest:
            break;
    }
    double total = 0;
    for (double& value : outputs) total += value = sigmoid(value);
    if (activation == Activation::sigmoid) return;
    const double count = static_cast<double>(outputs.size());
    for (double& value : outputs) value = total > 0 ? value / total : 1 / count;
}

}  // namespace clef
