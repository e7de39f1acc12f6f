// Makes the batches of coming steps while the present one computes: up to `ahead` of them at once,
// each on a thread of its own, so memory is bounded by as many batches. What comes out is what
// BatchMaker makes, in order.
#pragma once

#include <deque>
#include <future>

#include "training/batch.hpp"

namespace clef {

class BatchLoader {
  public:
    // maker must outlive this. Steps first … last − 1 are handed out.
    BatchLoader(const BatchMaker& maker, std::int64_t first, std::int64_t last, int ahead);

    // The next step's; waits where it is not made yet. Rethrows what making it threw.
    Batch next();
    // Seconds spent waiting in next(), in all: near 0 unless the loader is the bottleneck.
    double waited() const { return waited_; }

  private:
    void fill();

    const BatchMaker& maker_;
    std::int64_t upcoming_;  // the first step not begun
    std::int64_t last_;
    std::size_t ahead_;
    std::deque<std::future<Batch>> begun_;
    double waited_ = 0;
};

}  // namespace clef
