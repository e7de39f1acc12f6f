// Beat prediction: from the embedding of one lead's stretch, a linear layer predicts the median
// beat of all twelve leads of the recording and four numbers about its rhythm. Self-supervised (the
// targets come from the recording itself), and free of the shortcut that instance discrimination
// finds on few recordings: what tells patients apart is not enough, the shape of the beat as other
// leads see it must be in the embedding. It stands beside a contrastive objective, each with its
// weight, and is ours, not the CLEF article's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pretraining/objective_options.hpp"
#include "pretraining/window_store.hpp"
#include "training/torch.hpp"

namespace clef {

struct BeatLoss {
    torch::Tensor beats;   // scalar
    torch::Tensor rhythm;  // scalar
};

// Of every window of a store.
struct BeatTargets {
    torch::Tensor beats;   // windows × (12 · samples)
    torch::Tensor known;   // windows × (12 · samples), 0 or 1
    torch::Tensor rhythm;  // windows × 4
};

class BeatHead {
  public:
    // Targets are standardised with the mean and deviation over the store's windows.
    BeatHead(const WindowStore& store, std::int64_t embedding_size, std::uint64_t seed);

    const BeatTargets& targets() const { return targets_; }  // of that store, standardised
    // Of another one (the validation patients'), standardised as the first was.
    BeatTargets targets_of(const WindowStore& store) const;

    // embeddings: N × E; windows: N indices into the store of `targets`. Leads that a recording
    // lacks do not count.
    BeatLoss operator()(const torch::Tensor& embeddings, const std::vector<std::size_t>& windows,
                        const BeatTargets& targets) const;

    std::vector<std::pair<std::string, torch::Tensor>> trained() const { return trained_; }

  private:
    std::vector<std::pair<std::string, torch::Tensor>> trained_;
    BeatTargets standardised(const BeatTargets& raw) const;

    torch::Tensor mean_;
    torch::Tensor deviation_;
    torch::Tensor rhythm_mean_;
    torch::Tensor rhythm_deviation_;
    BeatTargets targets_;
};

}  // namespace clef
