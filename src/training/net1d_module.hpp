// Net1D as a libtorch module for training: the same network as the runtime's (encoder/net1d.hpp has
// the structure), with the upstream's tensor names, batch-norm tensors carried along unused.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "encoder/model.hpp"
#include "training/torch.hpp"

namespace clef {

class Net1dModule : public torch::nn::Module {
  public:
    explicit Net1dModule(const Net1dShape& shape);

    // x: (batch, leads, samples) → (batch, output_size). bfloat16: what the layers read and write
    // in between (products are added up in float32); the weights and the result stay as they are.
    torch::Tensor forward(const torch::Tensor& x, bool bfloat16 = false);

    // The same numbers to rounding, in the order of memory that GPUs like.
    torch::Tensor forward_channels_last(const torch::Tensor& x, bool bfloat16 = false) const;

    // Where its tensors are; torch's own to() moves them.
    torch::Device device() const;

    // Copies the model's tensors in, or this module's out. Shapes must match (check_tensors).
    void load(const Model& model);
    void store(Model& model) const;
    using torch::nn::Module::load;  // torch's own, which ours would hide

    // The tensors that forward() uses, with their names in a fixed order: what an optimiser
    // updates.
    std::vector<std::pair<std::string, torch::Tensor>> trained() const;

  private:
    // As the type of what it meets.
    torch::Tensor tensor(const std::string& name, const torch::Tensor& met) const {
        return tensors_.at(name).to(met.scalar_type());
    }
    torch::Tensor convolve(const torch::Tensor& x, const std::string& prefix, int stride,
                           int groups) const;
    torch::Tensor linear(const torch::Tensor& x, const std::string& prefix) const;
    torch::Tensor block(const torch::Tensor& x, const Net1dBlock& shape) const;
    torch::Tensor pointwise(const torch::Tensor& x, const std::string& prefix) const;
    torch::Tensor block_channels_last(const torch::Tensor& x, const Net1dBlock& shape) const;

    Net1dShape shape_;
    std::vector<Net1dBlock> blocks_;
    std::map<std::string, torch::Tensor> tensors_;
};

// `module`, moved to a device.
inline Net1dModule& placed(Net1dModule& module, const torch::Device& device) {
    module.to(device);
    return module;
}

// x · sigmoid(x) in one pass each way (torch keeps two tensors for it; this keeps the input only).
torch::Tensor swish(const torch::Tensor& x);

}  // namespace clef
