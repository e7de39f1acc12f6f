// The comparison of CLEF's released code, to reproduce its table: what it makes of another
// encoder's weights, and the recipe under which it runs everything (github.com/Nokia-Bell-Labs/
// ecg-foundation-model, clef/model_config.py). Three encoders come out broken:
//
//   KED      its first convolution is replaced by a random one of a single lead
//   ST-MEM   names do not match, and so only its patch embedding is loaded, 6 of 155 tensors; the
//            rest is random, for 66 patches of 75 samples of a single lead
//   Moirai   patches of 100 samples, for which there is no layer, and every sample marked as not
//            observed: what goes in is zeros, and what comes out does not depend on the recording
//
// MOMENT gets 625 patches where it was trained on 64. All run at 500 Hz.
#pragma once

#include <cstdint>
#include <string>

#include "encoder/model.hpp"

namespace clef {

// `recipe`: "as-released" or "as-released-ptbxl" (encoder/recipe.hpp); InputError for any other.
// The provenance says what was done, under "as_released". Random weights follow from the seed.
Model as_released(const Model& model, const std::string& recipe, std::uint64_t seed);

}  // namespace clef
