// An encoder's forward and backward pass over a batch cut into shards that run on several threads,
// each with single-threaded kernels: on few cores this beats libtorch's own threading inside every
// operation by far, and does not collapse when another program wants a core.
//
// The number of shards depends on the encoder and the batch alone, and gradients are added in the
// shards' order, so results do not depend on the number of threads.
#pragma once

#include <memory>
#include <vector>

#include "training/net1d_module.hpp"

namespace clef {

class ShardedEncoder {
  public:
    // `module` must outlive this; its parameters are shared, not copied.
    ShardedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads);

    // views: N × leads × samples → N × E, a leaf whose gradient backward() carries on.
    torch::Tensor forward(const torch::Tensor& views);
    // After a loss on forward()'s result has been differentiated: adds the gradients of the
    // module's parameters.
    void backward(const torch::Tensor& embeddings);

  private:
    struct Shard {
        std::unique_ptr<Net1dModule> replica;  // the same numbers, gradients of its own
        std::int64_t first = 0;
        std::int64_t count = 0;
        torch::Tensor embeddings;
    };

    Net1dModule& module_;
    unsigned threads_;
    std::vector<Shard> shards_;
};

}  // namespace clef
