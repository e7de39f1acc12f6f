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
#include <string>

#include "encoder/tensor.hpp"

namespace clef {

struct SafetensorsFile {
    std::map<std::string, std::string> metadata;
    Tensors tensors;
};

SafetensorsFile read_safetensors(const std::filesystem::path& path);

// Atomic; the same contents give the same bytes.
void write_safetensors(const SafetensorsFile& file, const std::filesystem::path& path);

}  // namespace clef
