// Between libtorch's tensors and the model file's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "encoder/tensor.hpp"
#include "training/torch.hpp"

namespace clef {

Tensor to_file_tensor(const torch::Tensor& tensor);  // float32 or int64; copied to the CPU

// A tensor of its own holding a copy.
torch::Tensor to_torch(const Tensor& tensor);

// Every average a becomes decay · a + (1 − decay) · w of the weight w at its place.
void move_averages(const std::vector<std::pair<std::string, torch::Tensor>>& averages,
                   const std::vector<std::pair<std::string, torch::Tensor>>& weights, double decay);

// Copies into `target`, wherever it is; an InputError names the tensor when it is absent or shaped
// otherwise.
void copy_into(const torch::Tensor& target, const Tensors& tensors, const std::string& name);

}  // namespace clef
