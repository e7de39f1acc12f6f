// A model as Hugging Face keeps it: a folder of config.json and model.safetensors.
#pragma once

#include <filesystem>
#include <string>

#include "encoder/model.hpp"

namespace clef {

// The file with the tensors: `path` itself, or, of a folder, the model.safetensors in it.
// InputError for a folder without one.
std::filesystem::path tensors_file(const std::filesystem::path& path);

// Compares what the config.json beside a model.safetensors says of MOMENT and Moirai with the
// architecture that the tensors were recognised as: also what no tensor's shape tells, such as the
// distance up to which MOMENT tells tokens apart. Returns a sentence for the user, "" where there
// is no such file or the model is of another family. InputError naming the first number that
// differs, and for a config.json that is no JSON object.
std::string check_config(const std::filesystem::path& tensors, const Model& model);

}  // namespace clef
