// A model's tensors as the transformers' networks want them. Each is given up once it is read
// (Weights::done_with): of a model of hundreds of megabytes no second copy is kept.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "runtime/dense.hpp"
#include "runtime/network.hpp"

namespace clef {

std::vector<float> copied(Weights& weights, const std::string& name);

// A linear layer by the names of its weight (outputs × inputs) and bias; "": none.
kernels::PackedMatrix packed_linear(Weights& weights, const std::string& weight,
                                    const std::string& bias = "");

// Three layers of one input, without bias, as one: the outputs of the second behind the first's.
kernels::PackedMatrix packed_together(Weights& weights, const std::array<std::string, 3>& names);

}  // namespace clef
