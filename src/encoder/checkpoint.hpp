// Weights as others saved them: PyTorch checkpoints (zip and legacy) and safetensors without clef's
// metadata. This layer finds the named tensors wherever they stand, and says where; which encoder
// they are is encoder/recognise.hpp's business.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "encoder/checked_parts.hpp"
#include "encoder/stored_tensor.hpp"

namespace clef {

// Tensors found together: under one container ("", "state_dict", "model", "ecg_model", or one
// within another, "model/state_dict") and behind one run of prefixes ("", "backbone.",
// "module.backbone.", …), which their names are without.
struct TensorGroup {
    std::string container;
    std::string prefix;
    StoredTensors tensors;
};

struct Checkpoint {
    std::string format;  // "PyTorch zip checkpoint"
    std::vector<TensorGroup> groups;
    std::size_t unread = 0;  // tensors of a type or layout that is not read
    std::string note = {};   // what clef itself wrote beside the tensors (model_note.hpp), or empty
    std::vector<CheckedPart> parts = {};  // what comes with checksums, none of them compared yet
};

// What the first bytes promise. Cheap; false for anything that read_checkpoint() would not try.
bool looks_like_checkpoint(std::span<const std::byte> bytes);

// The views in the result are of `bytes`. InputError, beginning with `source`: no such file, a
// damaged or forged one, or one that holds no tensors (it says what it holds instead).
Checkpoint read_checkpoint(std::span<const std::byte> bytes, const std::string& source);

// "state_dict 'model', prefix 'backbone.'" for messages.
std::string place_text(const TensorGroup& group);

}  // namespace clef
