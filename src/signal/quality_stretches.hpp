// Stretches of a lead that hold no signal: lines that do not change, and runs at one value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clef {

// 1 for each sample that lies in some stretch of at least `shortest` samples, none of them missing,
// whose lowest and highest differ by no more than `range`; empty when there is none. O(n).
std::vector<std::uint8_t> flat_samples(std::span<const float> samples, std::size_t shortest,
                                       double range);

// Calls visit(begin, end) for each run of at least `shortest` samples that equal `value`.
template <typename Visit>
void for_each_run(std::span<const float> samples, float value, std::size_t shortest, Visit visit) {
    std::size_t count = 0;
    for (const float sample : samples) count += sample == value ? 1 : 0;
    if (count < shortest) return;
    for (std::size_t begin = 0; begin < samples.size();) {
        std::size_t end = begin;
        while (end < samples.size() && samples[end] == value) ++end;
        if (end > begin && end - begin >= shortest) visit(begin, end);
        begin = end + 1;
    }
}

}  // namespace clef
