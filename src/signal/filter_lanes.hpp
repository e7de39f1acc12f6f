// A digital filter over several signals at once, one signal to a SIMD lane. Dispatched at run time
// to the instruction set of the machine; every lane sees the operations of the plain filter in the
// same order, none of them fused, so results are the same to the last bit on all of them.
#pragma once

#include <cstddef>
#include <vector>

namespace clef {

// The lanes of the vectors that filter up to so many signals in one call: short vectors where those
// hold them all (long ones cost more time for the same), the longest for more than one call holds.
// Lanes beyond the signals are idle.
std::size_t filter_lanes(std::size_t signals);

struct LaneFilter {
    const std::vector<double>& b;  // as many as a; a[0] = 1
    const std::vector<double>& a;
    const std::vector<double>& steady;  // state per delay under a constant input of 1
};

// Whether there is a kernel for this many delays.
bool has_lane_filter(std::size_t delays);

// samples × `lanes` values, the lanes side by side, in place: direct form II transposed, from the
// state that has seen the first sample forever; `backward` runs from the last sample to the first.
// lanes: as filter_lanes() says. Thread-safe.
void filter_in_lanes(const LaneFilter& filter, double* values, std::size_t samples,
                     std::size_t lanes, bool backward);

}  // namespace clef
