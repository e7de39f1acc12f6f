// Hugging Face's safetensors format: 8 bytes little-endian header length, a JSON header
// {"name": {"dtype", "shape", "data_offsets"}, …, "__metadata__": {string: string}}, then the
// tensors' bytes. Source: the format's published description (safetensors README, "Format").
//
// The limits it sets are checked: header of at most 100 MB that begins with '{', offsets inside the
// file, in order, without holes or overlaps, sizes that match shapes. Errors: InputError naming the
// file and the tensor.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "encoder/stored_tensor.hpp"
#include "encoder/tensor.hpp"

namespace clef {

struct SafetensorsFile {
    std::map<std::string, std::string> metadata;
    Tensors tensors;
};

SafetensorsFile read_safetensors(const std::filesystem::path& path);

// The header alone: the tensors are views of `bytes`, checked and not copied.
struct SafetensorsHeader {
    std::map<std::string, std::string> metadata;
    StoredTensors tensors;
};
bool looks_like_safetensors(std::span<const std::byte> bytes);
SafetensorsHeader parse_safetensors(std::span<const std::byte> bytes, const std::string& source);

// Atomic; the same contents give the same bytes.
void write_safetensors(const std::map<std::string, std::string>& metadata, const Tensors& tensors,
                       const std::filesystem::path& path);
void write_safetensors(const SafetensorsFile& file, const std::filesystem::path& path);

}  // namespace clef
