#include "signal/quality_stretches.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace clef {

namespace {

bool varies(std::span<const float> block, double range) {
    float low = block.front();
    float high = low;
    for (const float value : block) {
        if (std::isnan(value)) return true;
        low = std::min(low, value);
        high = std::max(high, value);
        if (double{high} - low > range) return true;
    }
    return false;
}

// Every stretch of `shortest` samples holds a whole block of half its length (rounded up), counted
// from 0: where all blocks vary, there is no flat stretch. A beating heart ends this early.
bool may_be_flat(std::span<const float> samples, std::size_t shortest, double range) {
    const std::size_t block = (shortest + 1) / 2;
    for (std::size_t begin = 0; begin + block <= samples.size(); begin += block) {
        if (!varies(samples.subspan(begin, block), range)) return true;
    }
    return false;
}

// The lowest (or highest) of the samples [begin, i], as both ends move on.
template <typename Before>
class SlidingExtreme {
  public:
    void add(std::span<const float> samples, std::size_t i) {
        while (!places_.empty() && !Before()(samples[places_.back()], samples[i]))
            places_.pop_back();
        places_.push_back(i);
    }
    void begin_at(std::size_t begin) {
        while (!places_.empty() && places_.front() < begin) places_.pop_front();
    }
    double value(std::span<const float> samples) const { return samples[places_.front()]; }

  private:
    std::deque<std::size_t> places_;
};

}  // namespace

std::vector<std::uint8_t> flat_samples(std::span<const float> samples, std::size_t shortest,
                                       double range) {
    if (shortest == 0 || samples.size() < shortest || !may_be_flat(samples, shortest, range))
        return {};
    std::vector<std::uint8_t> flat(samples.size(), 0);
    SlidingExtreme<std::less<float>> low;
    SlidingExtreme<std::greater<float>> high;
    std::size_t begin = 0;   // of the longest flat stretch that ends at i
    std::size_t marked = 0;  // all before is done
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (std::isnan(samples[i])) {
            begin = i + 1;
            low.begin_at(begin);
            high.begin_at(begin);
            continue;
        }
        low.add(samples, i);
        high.add(samples, i);
        while (high.value(samples) - low.value(samples) > range) {
            ++begin;
            low.begin_at(begin);
            high.begin_at(begin);
        }
        if (i + 1 - begin < shortest) continue;
        for (std::size_t k = std::max(begin, marked); k <= i; ++k) flat[k] = 1;
        marked = i + 1;
    }
    return flat;
}

}  // namespace clef
