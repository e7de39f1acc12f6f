// The layers of Net1D ready for a step, and the way of sixteen views through them and back. Used by
// net1d_engine.hpp alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "encoder/net1d.hpp"
#include "training/lane_convolution.hpp"
#include "training/lane_plane.hpp"

namespace clef {

// A convolution or linear layer, and where its gradient lies among all parameters' gradients.
struct Net1dLayer {
    LaneConvolution convolution;
    std::string weight;  // the tensors' names
    std::string bias;
    std::size_t weight_offset = 0;
    std::size_t bias_offset = 0;
};

struct Net1dBlockLayers {
    Net1dBlock shape;
    Net1dLayer narrow;   // conv1
    Net1dLayer grouped;  // conv2
    Net1dLayer widen;    // conv3
    Net1dLayer squeeze;  // se_fc1
    Net1dLayer excite;   // se_fc2
};

class Net1dLayers {
  public:
    explicit Net1dLayers(const Net1dShape& shape);

    // Takes the step's numbers, for views of that many samples.
    void pack(const std::map<std::string, const float*>& parameters, std::size_t samples);

    Net1dShape shape;
    Net1dLayer stem;
    std::vector<Net1dBlockLayers> blocks;
    std::vector<Net1dLayer> dense;  // one where the model has labels
    struct Place {
        std::size_t offset = 0;
        std::size_t size = 0;
    };
    std::map<std::string, Place> places;  // of each parameter's gradient among all
    std::size_t gradient_size = 0;

  private:
    void find_place(Net1dLayer& layer);
    template <typename Work>
    void for_each(const Work& work);
};

// What backward() needs besides what forward() kept; one for each thread.
struct Net1dScratch {
    LaneBuffer ahead;     // gradient of the residual stream behind a block …
    LaneBuffer behind;    // … and before it
    LaneBuffer widened;   // of conv3's output
    LaneBuffer grouped;   // of conv2's
    LaneBuffer narrowed;  // of conv1's
    LaneBuffer gate;
    LaneBuffer hidden;
    LaneBuffer mean;
};

class Net1dPass {
  public:
    // views: `count` (at most 16) of leads × samples; outputs: count × output_size.
    void forward(const Net1dLayers& layers, const float* views, std::size_t count,
                 std::size_t samples, float* outputs);
    // gradient: of those outputs. gradients: Net1dLayers::gradient_size floats, added to.
    void backward(const Net1dLayers& layers, const float* gradient, Net1dScratch& scratch,
                  float* gradients);

  private:
    struct Block {
        LaneBuffer activated, activated_slope;  // swish of the residual stream
        LaneBuffer narrowed, narrowed_slope;
        LaneBuffer grouped, grouped_slope;
        LaneBuffer widened;
        LaneBuffer mean, hidden, hidden_slope, gate;
        LaneBuffer output;  // the residual stream behind the block
    };
    void take_views(const Net1dLayers& layers, const float* views, std::size_t samples);
    void forward_block(const Net1dBlockLayers& layers, const LanePlane& x, Block& block);
    void backward_block(const Net1dBlockLayers& layers, const LanePlane& x, Block& block,
                        Net1dScratch& scratch, float* gradients);
    // scratch.ahead → scratch.widened: through the gate, which the mean of all times set.
    static void backward_gate(const Net1dBlockLayers& layers, Block& block, Net1dScratch& scratch,
                              float* gradients);

    std::size_t count_ = 0;
    LaneBuffer views_;
    LaneBuffer stem_, stem_slope_;
    std::vector<Block> blocks_;
    LaneBuffer embedding_;
    LaneBuffer outputs_;
};

}  // namespace clef
