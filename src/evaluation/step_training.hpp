// Learning step by step: epochs over the training rows in batches, AdamW, warm-up and cosine,
// early stopping on validation, the best epoch's parameters in the end. What is learnt (an
// attention pool, a whole encoder) is behind Learnable; this knows only its parameters.
//
// AdamW: Loshchilov & Hutter, "Decoupled weight decay regularization" (ICLR 2019), algorithm 2,
// with PyTorch's order of operations. Not thread-safe. Deterministic: the order of an epoch is
// drawn from (seed, epoch).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluation/task_result.hpp"

namespace clef {

// A stretch of numbers that learn at one rate.
struct ParameterBlock {
    std::span<float> values;
    std::span<float> gradient;  // as long
    double rate = 1;            // times the learning rate
    bool decays = true;         // weight decay
};

struct AdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 1e-2;
};

class BlockAdamW {
  public:
    BlockAdamW(std::vector<ParameterBlock> blocks, AdamOptions options);
    // One step with the gradients as they are, scaled so that their joint length is at most `clip`
    // (0: as they are).
    void step(double learning_rate, double clip = 0);

  private:
    std::vector<ParameterBlock> blocks_;
    AdamOptions options_;
    std::vector<std::vector<float>> first_;
    std::vector<std::vector<float>> second_;
    std::int64_t steps_ = 0;
};

struct StepTrainingOptions {
    int epochs = 20;
    int patience = 5;  // epochs without a better validation loss; then it stops
    std::size_t batch = 64;
    double learning_rate = 1e-3;  // at its highest, after the warm-up
    double warm_up = 0.1;         // share of all steps; a cosine to 1 % follows
    double clip = 1;
    AdamOptions adam;
    std::uint64_t seed = 0;
    unsigned threads = 0;
};

class Learnable {
  public:
    virtual ~Learnable() = default;
    virtual std::vector<ParameterBlock> parameters() = 0;
    // Writes the gradient of the mean loss of these rows; returns that loss.
    virtual double learn(std::span<const std::size_t> rows, int epoch) = 0;
    // The mean loss of these rows.
    virtual double measure(std::span<const std::size_t> rows) = 0;
};

struct StepTraining {
    std::vector<Epoch> epochs;
    std::size_t best = 0;
};

// Leaves the parameters of the epoch of lowest validation loss (of equals the first) behind. A loss
// that is no number is a RunError.
StepTraining train_by_steps(Learnable& learnable, std::span<const std::size_t> train,
                            std::span<const std::size_t> validation,
                            const StepTrainingOptions& options);

// The learning rate of step 0 … steps − 1, as a share of the highest.
double rate_at(std::int64_t step, std::int64_t steps, double warm_up);

}  // namespace clef
