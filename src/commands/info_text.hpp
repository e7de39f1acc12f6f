// What `clef info` and `clef model info` share: a description as JSON, and as text for a person.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "encoder/model.hpp"

namespace clef {

// Architecture, parameters, multiply–adds per window, recipe, labels, provenance.
nlohmann::json model_description(const Model& model);

// The file's name, then one line per entry; objects are indented, empty lists left out.
void print_description(const nlohmann::json& description, const std::string& path);

}  // namespace clef
