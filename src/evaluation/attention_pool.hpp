// The frozen encoder with an attention-pool head: what can be read off its last feature map when
// the head may choose where to look.
//
// An encoder that ends in a mean over time (40 time steps of 10 s in CLEF-small) or over tokens
// (the transformers) gives, before that mean, one vector of E numbers for each. The time steps of
// all windows of a recording stand side by side: x_1 … x_T, standardised per dimension by the
// training rows. Each of H heads has a query u_h of E numbers:
//
//     a_h = softmax over t of (u_h · x_t / √E),   z_h = Σ_t a_ht x_t,   outputs = V [z_1 … z_H] + b
//
// This is multi-head attention with one learnt query a head, as in the pooling of Lee et al. (Set
// Transformer, ICML 2019, section 3.2) without its feed-forward layers; since the query does not
// depend on the input, key, value and output matrices merge into u and V without loss. With u = 0
// it is a linear head on the mean. Trained by step_training.hpp on the loss of task_loss.hpp.
//
// Results do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "evaluation/step_training.hpp"
#include "evaluation/task_loss.hpp"

namespace clef {

// The time steps of each row's recording: steps first[i] … first[i + 1] − 1 of `values`.
struct TimeSteps {
    std::size_t dimensions = 0;
    std::vector<float> values;             // steps × dimensions
    std::vector<std::size_t> first = {0};  // rows + 1

    std::size_t rows() const { return first.size() - 1; }
    std::span<const float> step(std::size_t index) const {
        return std::span(values).subspan(index * dimensions, dimensions);
    }
};

struct AttentionPoolOptions {
    std::size_t heads = 4;
    StepTrainingOptions steps;
    double train_fraction = 1;  // label_fraction.hpp; the seed is the steps' own
    ScoringOptions scoring;
    AttentionPoolOptions() {
        steps.epochs = 60;
        steps.patience = 10;
        steps.learning_rate = 3e-3;
    }
};

// The head while it learns: exposed for its gradient test.
class AttentionPool : public Learnable {
  public:
    // `steps` (standardised already) and `loss` outlive this.
    AttentionPool(const TimeSteps& steps, const TaskLoss& loss, std::size_t heads,
                  std::uint64_t seed, unsigned threads);

    std::vector<ParameterBlock> parameters() override;
    double learn(std::span<const std::size_t> rows, int epoch) override;
    double measure(std::span<const std::size_t> rows) override;
    std::vector<double> outputs(std::size_t row) const;
    // The share of each time step of a row, of one head; for pictures and tests.
    std::vector<double> attention(std::size_t row, std::size_t head) const;

  private:
    struct Gradient;
    double learn_row(std::size_t row, double share, Gradient& gradient) const;

    const TimeSteps& steps_;
    const TaskLoss& loss_;
    std::size_t heads_;
    unsigned threads_;
    std::vector<float> queries_;  // heads × dimensions
    std::vector<float> weights_;  // outputs × (heads × dimensions)
    std::vector<float> biases_;   // outputs
    std::vector<float> query_gradient_, weight_gradient_, bias_gradient_;
};

// `steps` is parallel to the rows and targets. Errors as linear_probe.
TaskResult attention_pool(TimeSteps steps, const EvaluationRows& rows, const Task& task,
                          const Targets& targets, const AttentionPoolOptions& options = {});

}  // namespace clef
