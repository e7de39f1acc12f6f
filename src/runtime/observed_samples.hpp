// Statistics over those samples of a lead that are there: what Moirai and MOMENT scale by.
#pragma once

#include <cstdint>
#include <span>

namespace clef {

struct ObservedSamples {
    double count = 0;
    double mean = 0;     // 0 of none
    double squares = 0;  // sum of the squared distances from the mean
};

// observed: 0 where a sample is missing; empty: none is. Sums in double.
ObservedSamples observed_samples(std::span<const float> samples,
                                 std::span<const std::uint8_t> observed);

}  // namespace clef
