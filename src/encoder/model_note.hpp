// What stands beside a model's tensors, as JSON: in the metadata of a model file (model_file.cpp)
// and in the entry clef.json of an exported PyTorch file.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "encoder/model.hpp"

namespace clef {

// {"version", "architecture" (with its name), "recipe", "labels", "provenance"}
nlohmann::json model_note(const Model& model);

// The model of a note, without tensors. InputError beginning with `source`: a version of later
// programs, an entry that is missing or not possible, a recipe or labels that do not fit.
Model model_of_note(const nlohmann::json& note, const std::string& source);

// JSON from a file: InputError beginning with `source` where it is none, or nested without end.
nlohmann::json parse_note(std::string_view text, const std::string& source);

}  // namespace clef
