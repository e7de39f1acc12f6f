// Weights and inputs that any program can make for itself, so that two implementations can be
// compared without shipping a file: every value is a hash of the tensor's name and the element's
// index. u(NAME, i) = mix((crc32(NAME) << 32) + i) >> 11, scaled to [−1, 1), with SplitMix64's
// finaliser as mix; crc32 is the one of zip files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/model.hpp"

namespace clef {

// u(NAME, 0 … count − 1)
std::vector<float> procedural_values(std::string_view name, std::size_t count);

// Of two or more dimensions: u · √(3 / fan) · √2, fan = the product of all but the first. Of one
// dimension: 1 + 0.1 u where the name ends in `weight`, 1 + 0.5 |u| for a running variance, else
// 0.1 u. Integers: zero.
Tensor procedural_tensor(const TensorSpec& spec);

Model procedural_model(const std::string& architecture, int leads);

}  // namespace clef
