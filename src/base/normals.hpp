// Many normal deviates at once.
#pragma once

#include <span>

#include "base/random.hpp"

namespace clef {

// Mean 0, standard deviation 1, by Box and Muller's transform as Random::normal() does it, in
// vectors: to rounding (a few units in the last place of a double) what so many calls of a Random
// that has made no odd number of normal deviates before would give. An odd last one leaves no spare
// behind.
void fill_normals(Random& random, std::span<double> values);

}  // namespace clef
