// Between libtorch's tensors and the model file's.
#pragma once

#include "encoder/tensor.hpp"
#include "training/torch.hpp"

namespace clef {

Tensor to_file_tensor(const torch::Tensor& tensor);  // float32 or int64; copied to the CPU

// A tensor of its own holding a copy.
torch::Tensor to_torch(const Tensor& tensor);

// Copies into `target`; an InputError names the tensor when it is absent or shaped otherwise.
void copy_into(const torch::Tensor& target, const Tensors& tensors, const std::string& name);

}  // namespace clef
