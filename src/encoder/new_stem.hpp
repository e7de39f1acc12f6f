// A 12-lead encoder for one lead: everything but what the number of leads decides (the first
// convolution) is kept, and that is drawn at random, to be trained.
#pragma once

#include <cstdint>

#include "encoder/model.hpp"

namespace clef {

// The same architecture with 1 lead and its recipe for one. InputError where the architecture comes
// only with its own number of leads, or has one lead already.
Model with_new_stem(const Model& model, std::uint64_t seed);

}  // namespace clef
