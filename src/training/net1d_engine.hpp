// Net1D forward and backward over a batch of views by kernels of our own, without libtorch: sixteen
// views side by side (lane_plane.hpp), swish's derivative kept from the forward pass, every buffer
// kept from step to step. The network is encoder/net1d.hpp's; Net1dModule is the same in libtorch.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "encoder/net1d.hpp"

namespace clef {

class Net1dLayers;  // the layers with a step's numbers
class Net1dPass;    // sixteen views on their way through them

// Not thread-safe: one step at a time, on `threads` threads (0: all available). Results do not
// depend on the number of threads, and a view's embedding not on the other views.
class Net1dEngine {
  public:
    Net1dEngine(const Net1dShape& shape, unsigned threads);
    ~Net1dEngine();
    Net1dEngine(Net1dEngine&&) noexcept;

    // views: count × leads × samples. parameters: the trained tensors by name (net1d_tensors),
    // row-major. outputs: count × output_size. Keeps what backward() needs.
    void forward(const std::map<std::string, const float*>& parameters, const float* views,
                 std::size_t count, std::size_t samples, float* outputs);

    // gradient: of the outputs of the last forward(), count × output_size. Adds the parameters'
    // gradients to `gradients`, which names the same tensors.
    void backward(const float* gradient, const std::map<std::string, float*>& gradients);

  private:
    struct Share;  // gradients of some of the groups, one after the other

    Net1dShape shape_;
    unsigned threads_;
    std::unique_ptr<Net1dLayers> layers_;
    std::vector<std::unique_ptr<Net1dPass>> groups_;
    std::vector<std::unique_ptr<Share>> shares_;
    std::size_t count_ = 0;  // views of the last forward()
};

}  // namespace clef
