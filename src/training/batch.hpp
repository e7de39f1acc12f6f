// Which patients meet in which step, and the batch of views that comes of it.
#pragma once

#include "pretraining/options.hpp"
#include "pretraining/window_store.hpp"
#include "training/objective.hpp"

namespace clef {

struct Batch {
    // 2b × 1 × samples, normalised: first views, then second views, of this process's b pairs
    // (B, where there is one process).
    torch::Tensor views;
    std::vector<std::size_t> windows;  // 2B, which of the store's windows each view is from
    ClinicalBatch clinical;            // of all B pairs
};

// Which part of every batch a process makes: pairs rank · B / size … (rank + 1) · B / size − 1.
struct BatchShare {
    int rank = 0;
    int size = 1;
};

// Deterministic: the batch of a step is a function of the options, the store's patients and the
// step alone. Thread-safe.
class BatchMaker {
  public:
    // InputError when there are fewer patients than a batch takes, and when the processes cannot
    // share a batch evenly.
    BatchMaker(const WindowStore& store, const PretrainOptions& options,
               const BatchShare& share = {});

    std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
    Batch make(std::int64_t step) const;

  private:
    std::pair<std::size_t, std::size_t> draw_windows(std::size_t patient, ViewRandom& random) const;

    const WindowStore& store_;
    PretrainOptions options_;
    BatchShare share_;
    std::int64_t steps_per_epoch_;
    ViewMaker views_;
};

}  // namespace clef
