// A PyTorch checkpoint: a zip archive (stored_zip_writer.hpp) of data.pkl, an OrderedDict of
// tensors by name, and one entry of raw bytes per tensor. Python reads it with
// torch.load(path, weights_only=True), from PyTorch 1.6 on, and load_state_dict takes it as it is.
// Source: PyTorch's torch/serialization.py and its documentation, "Serialization semantics".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "encoder/tensor.hpp"

namespace clef {

struct NamedTensor {
    std::string name;
    const Tensor* tensor;
};

// Atomic, streaming: no copy of a tensor is made. Tensors keep their order, which is the mapping's.
// `note` becomes the archive's entry clef.json, which PyTorch leaves alone: what the tensors alone
// do not tell (architecture, recipe, labels, provenance).
void write_torch_checkpoint(const std::vector<NamedTensor>& tensors, const std::string& note,
                            const std::filesystem::path& path);

}  // namespace clef
