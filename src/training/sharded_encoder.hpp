// A Net1dModule's forward and backward pass over a batch by the engine of our own
// (net1d_engine.hpp), so that the objectives, written in libtorch, see embeddings that they can
// differentiate. Results do not depend on the number of threads.
#pragma once

#include "training/net1d_engine.hpp"
#include "training/net1d_module.hpp"

namespace clef {

class ShardedEncoder {
  public:
    // `module` must outlive this; its parameters are read, and their gradients added to.
    ShardedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads);

    // views: N × leads × samples → N × E, a leaf whose gradient backward() carries on.
    torch::Tensor forward(const torch::Tensor& views);
    // The same numbers without a gradient; backward() of an earlier forward() is lost with it.
    torch::Tensor embed(const torch::Tensor& views) { return forward(views).detach(); }
    // After a loss on forward()'s result has been differentiated: adds the gradients of the
    // module's parameters.
    void backward(const torch::Tensor& embeddings);

  private:
    Net1dModule& module_;
    std::int64_t output_size_;
    Net1dEngine engine_;
};

}  // namespace clef
