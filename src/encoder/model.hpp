// An encoder as data: architecture, recipe, labels, provenance, tensors; and the model file that
// holds it, a .safetensors with JSON metadata (clef.architecture, clef.recipe, clef.labels,
// clef.provenance) and the tensors under their upstream names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "encoder/net1d.hpp"
#include "encoder/recipe.hpp"
#include "encoder/tensor.hpp"

namespace clef {

struct Model {
    std::string architecture;  // "clef-small", …
    Net1dShape shape;
    Recipe recipe;
    std::vector<std::string> labels;  // of the dense layer's outputs; empty for a plain encoder
    nlohmann::json provenance = nlohmann::json::object();
    Tensors tensors;
};

// The built-in architectures: clef-small, clef-medium, clef-large (facts: arXiv 2512.02180 and its
// released code) and ecgfounder (the same network with 150 outputs), each with 1 or 12 leads.
std::vector<std::string> architecture_names();
Net1dShape architecture_shape(const std::string& name,
                              int leads = 1);  // InputError suggests a name

// A model whose weights are drawn as PyTorch draws them by default (uniform within ±1/√fan-in for
// weights and biases; batch-norm 1 and 0), from clef's own generator: the same seed, the same
// bytes.
Model random_model(const std::string& architecture, int leads, std::uint64_t seed);

// Every tensor present, of the right shape and type, and nothing else; otherwise an InputError
// lists what is missing, extra or different. `source` is for the message.
void check_tensors(const Model& model, const std::string& source);

// Errors: InputError naming the file. A file without clef's metadata is refused.
Model read_model(const std::filesystem::path& path);
void write_model(const Model& model, const std::filesystem::path& path);  // atomic

nlohmann::json shape_json(const Net1dShape& shape);

}  // namespace clef
