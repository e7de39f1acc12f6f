#include "training/tensors.hpp"

#include <cstring>

#include "base/error.hpp"

namespace clef {

Tensor to_file_tensor(const torch::Tensor& tensor) {
    const torch::Tensor here = tensor.detach().to(torch::kCPU).contiguous();
    const bool integer = here.scalar_type() == torch::kInt64;
    Tensor result =
        Tensor::zeros(here.sizes().vec(), integer ? ElementType::int64 : ElementType::float32);
    std::memcpy(result.data.data(), here.data_ptr(), result.data.size());
    return result;
}

torch::Tensor to_torch(const Tensor& tensor) {
    const auto type = tensor.type == ElementType::int64 ? torch::kInt64 : torch::kFloat32;
    // from_blob does not own the bytes, and clone only reads them.
    void* bytes = const_cast<std::byte*>(tensor.data.data());
    return torch::from_blob(bytes, tensor.shape, type).clone();
}

void copy_into(const torch::Tensor& target, const Tensors& tensors, const std::string& name) {
    const auto it = tensors.find(name);
    if (it == tensors.end()) fail_input("tensor '{}' is missing", name);
    if (it->second.shape != target.sizes().vec()) {
        fail_input("tensor '{}' has shape {}, expected {}", name, shape_text(it->second.shape),
                   shape_text(target.sizes().vec()));
    }
    const torch::NoGradGuard no_gradients;
    target.copy_(to_torch(it->second));
}

void move_averages(const std::vector<std::pair<std::string, torch::Tensor>>& averages,
                   const std::vector<std::pair<std::string, torch::Tensor>>& weights,
                   double decay) {
    const torch::NoGradGuard no_gradients;
    std::vector<torch::Tensor> moved;
    std::vector<torch::Tensor> sources;
    for (const auto& [name, tensor] : averages) moved.push_back(tensor);
    for (const auto& [name, tensor] : weights) sources.push_back(tensor.detach());
    at::_foreach_mul_(moved, decay);
    at::_foreach_add_(moved, sources, 1 - decay);
}

}  // namespace clef
