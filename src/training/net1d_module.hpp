// Net1D as a libtorch module for training: the same network as the runtime's (encoder/net1d.hpp has
// the structure), with the upstream's tensor names, batch-norm tensors carried along unused.
#pragma once

#include <string>
#include <vector>

#include "training/named_module.hpp"

namespace clef {

class Net1dModule : public NamedModule {
  public:
    explicit Net1dModule(const Net1dShape& shape);

    // x: (batch, leads, samples) → (batch, output_size). bfloat16: what the layers read and write
    // in between (products are added up in float32); the weights and the result stay as they are.
    torch::Tensor forward(const torch::Tensor& x, bool bfloat16 = false);

    // The same numbers to rounding, in the order of memory that GPUs like.
    torch::Tensor forward_channels_last(const torch::Tensor& x, bool bfloat16 = false) const;

    // Where its tensors are; torch's own to() moves them.
    torch::Device device() const;

  private:
    // As the type of what it meets.
    torch::Tensor tensor(const std::string& name, const torch::Tensor& met) const {
        return tensors().at(name).to(met.scalar_type());
    }
    torch::Tensor convolve(const torch::Tensor& x, const std::string& prefix, int stride,
                           int groups) const;
    torch::Tensor linear(const torch::Tensor& x, const std::string& prefix) const;
    torch::Tensor block(const torch::Tensor& x, const Net1dBlock& shape) const;
    torch::Tensor pointwise(const torch::Tensor& x, const std::string& prefix) const;
    torch::Tensor block_channels_last(const torch::Tensor& x, const Net1dBlock& shape) const;

    Net1dShape shape_;
    std::vector<Net1dBlock> blocks_;
};

// `module`, moved to a device.
inline Net1dModule& placed(Net1dModule& module, const torch::Device& device) {
    module.to(device);
    return module;
}

// x · sigmoid(x) in one pass each way (torch keeps two tensors for it; this keeps the input only).
torch::Tensor swish(const torch::Tensor& x);

}  // namespace clef
