// Which patients meet in which step, and the batch of views that comes of it.
#pragma once

#include "pretraining/options.hpp"
#include "training/objective.hpp"
#include "training/window_store.hpp"

namespace clef {

struct Batch {
    torch::Tensor views;  // 2B × 1 × samples, normalised; first views, then second views
    std::vector<std::size_t> windows;  // 2B, which of the store's windows each view is from
    ClinicalBatch clinical;
};

// Deterministic: the batch of a step is a function of the options, the store's patients and the
// step alone. Thread-safe.
class BatchMaker {
  public:
    // InputError when there are fewer patients than a batch takes.
    BatchMaker(const WindowStore& store, const PretrainOptions& options);

    std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
    Batch make(std::int64_t step) const;

  private:
    std::pair<std::size_t, std::size_t> make_pair(std::int64_t epoch, std::size_t patient,
                                                  float* first, float* second) const;

    const WindowStore& store_;
    PretrainOptions options_;
    std::int64_t steps_per_epoch_;
    ViewMaker views_;
};

}  // namespace clef
