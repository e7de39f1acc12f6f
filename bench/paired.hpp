// Two ways of doing the same thing, timed in turn (A B A B …) in one run, so that their ratio holds
// on a machine whose speed drifts. Medians are reported.
#pragma once

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <vector>

namespace clef::bench {

inline double milliseconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// Prints one row of the table: ours, the peer, and how many times faster ours is.
inline void compare(const std::string& name, int pairs, const std::function<void()>& ours,
                    const std::function<void()>& peer) {
    ours();
    peer();
    std::vector<double> own;
    std::vector<double> other;
    std::vector<double> ratios;
    for (int i = 0; i < pairs; ++i) {
        own.push_back(milliseconds(ours));
        other.push_back(milliseconds(peer));
        ratios.push_back(other.back() / own.back());
    }
    fmt::print("{:<46} {:>10.3f} {:>10.3f} {:>8.2f}x\n", name, median(own), median(other),
               median(ratios));
}

}  // namespace clef::bench
