// The projection head between an encoder's embedding and the contrastive loss (Chen 2020, SimCLR,
// section 4.2): used in pretraining only and not part of the model file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "training/torch.hpp"

namespace clef {

// `layers` linear layers with swish between them; none: the identity.
class ProjectionHead {
  public:
    // Weights drawn as random_model draws them, from the same seed; `name` keeps heads apart.
    ProjectionHead(const std::string& name, int layers, std::int64_t in, std::int64_t width,
                   std::int64_t out, std::uint64_t seed);

    torch::Tensor forward(torch::Tensor x) const;
    // "NAME.0.weight", "NAME.0.bias", …
    std::vector<std::pair<std::string, torch::Tensor>> trained() const { return tensors_; }

  private:
    std::vector<std::pair<std::string, torch::Tensor>> tensors_;  // weight, bias, weight, bias, …
};

}  // namespace clef
