// The running average of the trained weights (an exponential one, Polyak's in kind), which is what
// a run saves as its model where `optimiser.averaging` asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "encoder/tensor.hpp"
#include "training/torch.hpp"

namespace clef {

class WeightAverages {
  public:
    using Named = std::vector<std::pair<std::string, torch::Tensor>>;

    // decay 0: there are no averages, and every call does nothing.
    WeightAverages(const Named& weights, double decay);

    // steps: optimiser steps taken so far, this one included. The first steps count more, so that
    // the average does not carry the random start along.
    void update(std::int64_t steps);

    // Into a checkpoint as "average.NAME", and back; InputError for a tensor absent or misshapen.
    void store(Tensors& tensors) const;
    void load(const Tensors& tensors);
    // Replaces the model's tensors of the same names.
    void put_into(Tensors& model) const;

  private:
    Named weights_;
    Named averages_;
    double decay_;
};

}  // namespace clef
