// AdamW (Loshchilov and Hutter 2019, algorithm 2, as torch.optim.AdamW computes it). Our own
// because libtorch's C++ optimisers keep and restore their state differently in 1.13 and 2.x, and a
// run must resume bit for bit on either.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "encoder/tensor.hpp"
#include "training/torch.hpp"

namespace clef {

class AdamW {
  public:
    using Named = std::vector<std::pair<std::string, torch::Tensor>>;

    explicit AdamW(Named parameters, double weight_decay, double beta1 = 0.9, double beta2 = 0.999,
                   double epsilon = 1e-8);

    // Uses and then clears the gradients. Parameters without one are left alone.
    void step(double learning_rate);
    // Scales all gradients so that their joint length is at most `limit`; returns the length
    // before.
    double clip(double limit);

    // Moments under "optimiser.NAME.first/second", and back. The step count travels with the
    // caller.
    void store(Tensors& tensors) const;
    void load(const Tensors& tensors, std::int64_t steps_taken);
    std::int64_t steps_taken() const { return steps_; }

  private:
    struct Given {
        std::vector<torch::Tensor> parameters, gradients, first, second;
    };
    Given with_gradients() const;

    Named parameters_;
    std::vector<torch::Tensor> first_;
    std::vector<torch::Tensor> second_;
    double weight_decay_;
    double beta1_;
    double beta2_;
    double epsilon_;
    std::int64_t steps_ = 0;
};

}  // namespace clef
