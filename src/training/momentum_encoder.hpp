// The second encoder of MoCo and BYOL, with its own projection head: its weights follow the trained
// ones as a running average and get no gradients.
#pragma once

#include "training/net1d_module.hpp"
#include "training/projection.hpp"
#include "training/trained_encoder.hpp"

namespace clef {

class MomentumEncoder {
  public:
    // Starts equal to `module` and `head`, both of which must outlive it, on their device.
    MomentumEncoder(const Net1dModule& module, const ProjectionHead& head, const Net1dShape& shape,
                    unsigned threads, const Computing& computing = {});

    // views: N × leads × samples → N × E, without gradients.
    torch::Tensor embed(const torch::Tensor& views) { return encoder_.embed(views); }
    // 2B × E → 2B × D
    torch::Tensor project(const torch::Tensor& embeddings) const;

    // Every weight t becomes momentum · t + (1 − momentum) · w.
    void follow(double momentum);

    // As "momentum.NAME", and back; InputError for a tensor absent or misshapen.
    void store(Tensors& tensors) const;
    void load(const Tensors& tensors);

  private:
    using Named = std::vector<std::pair<std::string, torch::Tensor>>;
    Named own() const;

    Named followed_;
    Net1dModule module_;
    ProjectionHead head_;
    TrainedEncoder encoder_;
};

}  // namespace clef
