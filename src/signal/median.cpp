#include "signal/median.hpp"

#include <algorithm>
#include <bit>

#include "base/error.hpp"

namespace clef {

namespace {

// How often each rank occurs, in a Fenwick tree ("A new data structure for cumulative frequency
// tables", 1994): counting one in or out and finding the k-th smallest take log n steps each.
class RankCounts {
  public:
    explicit RankCounts(std::size_t ranks) : tree_(ranks + 1) {}

    void add(std::size_t rank, std::ptrdiff_t count) {
        for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += count;
    }

    // The rank of the k-th smallest, k from 0; more than k must be counted in.
    std::size_t find(std::ptrdiff_t k) const {
        std::size_t position = 0;
        for (std::size_t step = std::bit_floor(tree_.size() - 1); step > 0; step /= 2) {
            if (position + step < tree_.size() && tree_[position + step] <= k) {
                position += step;
                k -= tree_[position];
            }
        }
        return position;
    }

  private:
    std::vector<std::ptrdiff_t> tree_;
};

}  // namespace

std::vector<double> running_median(std::span<const double> signal, std::size_t width) {
    if (width % 2 == 0) fail_input("running median of {} samples: expected an odd number", width);
    std::vector<double> sorted(signal.begin(), signal.end());
    sorted.push_back(0);
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    const auto rank = [&sorted](double value) {
        return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) -
                                        sorted.begin());
    };
    const std::size_t zero = rank(0);
    std::vector<std::size_t> ranks;
    for (const double value : signal) ranks.push_back(rank(value));

    const std::size_t half = width / 2;
    const std::size_t n = signal.size();
    RankCounts counts(sorted.size());
    counts.add(zero, static_cast<std::ptrdiff_t>(width));
    const auto replace = [&counts](std::size_t out, std::size_t in) {
        counts.add(out, -1);
        counts.add(in, 1);
    };
    for (std::size_t i = 0; i < std::min(half, n); ++i) replace(zero, ranks[i]);
    std::vector<double> medians(n);
    for (std::size_t i = 0; i < n; ++i) {
        replace(i > half ? ranks[i - half - 1] : zero, i + half < n ? ranks[i + half] : zero);
        medians[i] = sorted[counts.find(static_cast<std::ptrdiff_t>(half))];
    }
    return medians;
}

}  // namespace clef
