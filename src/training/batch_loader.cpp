#include "training/batch_loader.hpp"

#include <algorithm>
#include <chrono>

namespace clef {

BatchLoader::BatchLoader(const BatchMaker& maker, std::int64_t first, std::int64_t last, int ahead)
    : maker_(maker),
      upcoming_(first),
      last_(last),
      ahead_(static_cast<std::size_t>(std::max(1, ahead))) {
    fill();
}

void BatchLoader::fill() {
    while (begun_.size() < ahead_ && upcoming_ < last_) {
        const std::int64_t step = upcoming_++;
        begun_.push_back(
            std::async(std::launch::async, [this, step] { return maker_.make(step); }));
    }
}

Batch BatchLoader::next() {
    const auto start = std::chrono::steady_clock::now();
    Batch batch = begun_.front().get();
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    begun_.pop_front();
    fill();
    return batch;
}

}  // namespace clef
