// A Net1dModule's forward and backward pass over a batch, on whatever device its tensors are: on
// the processor by the engine of our own (net1d_engine.hpp), elsewhere by libtorch. Between the two
// the objectives, written in libtorch, see embeddings that they can differentiate.
#pragma once

#include <memory>

#include "training/encoder_pass.hpp"
#include "training/net1d_module.hpp"

namespace clef {

class TrainedEncoder {
  public:
    // `module` must outlive this and stay on its device; its parameters are read, and their
    // gradients added to. threads: of the processor; results do not depend on them. InputError
    // for bfloat16 on the processor.
    TrainedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads,
                   const Computing& computing = {});

    // views: N × leads × samples, anywhere → N × E float32 on the module's device, a leaf whose
    // gradient backward() carries on.
    torch::Tensor forward(const torch::Tensor& views) { return pass_->forward(views); }
    // The same numbers without a gradient; backward() of an earlier forward() is lost with it.
    torch::Tensor embed(const torch::Tensor& views) { return pass_->embed(views); }
    // After a loss on forward()'s result has been differentiated: adds the gradients of the
    // module's parameters.
    void backward(const torch::Tensor& embeddings) { pass_->backward(embeddings); }

  private:
    std::unique_ptr<EncoderPass> pass_;
};

}  // namespace clef
