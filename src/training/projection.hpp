// The projection head between an encoder's embedding and the contrastive loss (Chen 2020, SimCLR,
// section 4.2): used in pretraining only and not part of the model file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "training/torch.hpp"

namespace clef {

// `layers` linear layers with swish between them; none: the identity. With batch_norm, what comes
// out of every layer but the last is normalised over the batch first (Ioffe 2015, ε = 1e-5), each
// view's rows by themselves. It has no running statistics: a head is never used after training.
class ProjectionHead {
  public:
    // Weights drawn as random_model draws them, from the same seed; `name` keeps heads apart.
    ProjectionHead(const std::string& name, int layers, std::int64_t in, std::int64_t width,
                   std::int64_t out, std::uint64_t seed, bool batch_norm = false);

    // x: 2B × in, the first views' rows and then the second's → 2B × out
    torch::Tensor forward(torch::Tensor x) const;
    // "NAME.0.weight", "NAME.0.bias", "NAME.0.norm.weight", …
    std::vector<std::pair<std::string, torch::Tensor>> trained() const;

    // The same numbers in tensors of its own, without gradients.
    ProjectionHead copy() const;

  private:
    struct Layer {
        std::string name;
        torch::Tensor weight;
        torch::Tensor bias;
        torch::Tensor norm_weight;  // undefined where there is no normalisation
        torch::Tensor norm_bias;
    };
    std::vector<Layer> layers_;
};

}  // namespace clef
