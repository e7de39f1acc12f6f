// A model in other programs' formats. The model file itself is a .safetensors that Python's
// safetensors package reads as it is; ONNX has its own header, encoder/onnx/export.hpp.
#pragma once

#include <filesystem>

#include "encoder/model.hpp"

namespace clef {

// PyTorch's .pth: the state dict under the upstream names, in the order in which PyTorch lists
// them, with architecture, recipe, labels and provenance beside it as the archive's entry clef.json
// (torch_zip_writer.hpp). Atomic.
void write_torch(const Model& model, const std::filesystem::path& path);

}  // namespace clef
