// The ways in which a trained encoder can be run (trained_encoder.hpp chooses).
#pragma once

#include <memory>

#include "training/net1d_module.hpp"

namespace clef {

// How a device computes, beyond which one it is.
struct Computing {
    // Products of bfloat16 numbers, added up in float32; weights, gradients and the optimiser's
    // moments stay float32. Of CUDA devices only.
    bool bfloat16 = false;
    // Kernels of a batch recorded once and replayed, which spares starting each by itself. Of CUDA
    // devices only.
    bool replay = true;
};

class EncoderPass {
  public:
    virtual ~EncoderPass() = default;
    virtual torch::Tensor forward(const torch::Tensor& views) = 0;
    virtual torch::Tensor embed(const torch::Tensor& views) = 0;
    virtual void backward(const torch::Tensor& embeddings) = 0;
};

// By the engine of our own, on the processor.
std::unique_ptr<EncoderPass> engine_pass(Net1dModule& module, const Net1dShape& shape,
                                         unsigned threads);
// By libtorch and its automatic differentiation, on the module's device.
std::unique_ptr<EncoderPass> module_pass(Net1dModule& module, const Computing& computing);

// Gradients from automatic differentiation, added to those that the parameters have.
void add_gradients(const std::vector<torch::Tensor>& parameters,
                   const std::vector<torch::Tensor>& gradients);

#ifdef CLEF_CUDA
// As module_pass, recorded once for each size of a batch and replayed. module must be on a CUDA
// device.
std::unique_ptr<EncoderPass> replayed_pass(Net1dModule& module, const Computing& computing);
#endif

}  // namespace clef
