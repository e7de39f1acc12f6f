// The loss that a head on a network minimises for each kind of task, its gradient, and how the
// network's outputs become predictions:
//
//   multi-label  mean over the classes of the binary cross-entropy of sigmoid(output)
//   multi-class  cross-entropy of softmax(outputs)
//   regression   ½ ((value − output · σ − µ) / σ)², µ and σ of the training rows
//
// Outputs of several windows are averaged before any of this (the mean of the outputs, not of the
// predictions), in training's validation as in `clef predict`. Pure and thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cohort/task.hpp"
#include "evaluation/matrix.hpp"

namespace clef {

class TaskLoss {
  public:
    // `targets` outlives this. `train`: the rows to learn from; none is an InputError.
    TaskLoss(const Targets& targets, std::span<const std::size_t> train);

    std::size_t outputs() const { return prior_.size(); }
    // The outputs that predict the training rows' prevalences, or their mean, for every row: where
    // a head without weights starts.
    const std::vector<double>& prior() const { return prior_; }
    // Of a regression; 0 and 1 for others.
    double mean() const { return mean_; }
    double deviation() const { return deviation_; }

    // The loss of one answered row; its gradient by the outputs is written where there is room.
    double of(std::size_t row, std::span<const double> outputs,
              std::span<double> gradient = {}) const;

    // Outputs → probabilities, or a value in the target's unit.
    std::vector<double> predictions(std::span<const double> outputs) const;

  private:
    const Targets& targets_;
    std::vector<double> prior_;
    double mean_ = 0;
    double deviation_ = 1;
};

// What stands between a model's outputs and its predictions.
enum class Activation {
    identity,          // regression
    sigmoid,           // multi-label
    softmax,           // multi-class, trained as one
    one_against_rest,  // multi-class of several sigmoids: each over their sum
};
std::string activation_name(Activation activation);               // "softmax"
Activation activation_from(const std::string& name);              // InputError for another name
void activate(Activation activation, std::span<double> outputs);  // in place

}  // namespace clef
