// CRC-32 over texts and tensors: tells a file that a dying disk or a half-done copy has damaged
// from a good one. No defence against an attacker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "encoder/safetensors.hpp"

namespace clef {

// Of `state` and of every tensor's name, shape and bytes, 8 hexadecimal digits.
std::string content_checksum(std::string_view state, const Tensors& tensors);
std::string content_checksum(std::string_view state, const StoredTensors& tensors);

}  // namespace clef
