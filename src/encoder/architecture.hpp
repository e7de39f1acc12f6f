// The kinds of encoders that this program knows, as data. A family is a way of turning numbers into
// a network (Net1D, …); an architecture is one named set of numbers with its recipe and the files
// in which its weights were published. Each stands in a file of its own in encoder/architectures/,
// where the build finds it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "encoder/recipe.hpp"
#include "encoder/tensor.hpp"

namespace clef {

// What a tensor of a published file is to an encoder: one of its own, under `name` here; or nothing
// that it needs, and why: a head, a decoder (no name), a second name of the same numbers (`name`).
struct StoredName {
    std::string name;
    std::string left_out;  // empty where it is the encoder's
};

// All functions take the family's own numbers as checked() returned them.
struct Family {
    std::string name;  // "net1d"
    // The numbers as read from a model file, complete and possible; InputError says what is not.
    std::function<nlohmann::json(const nlohmann::json& config)> checked;
    // Every tensor under its upstream name.
    std::function<std::vector<TensorSpec>(const nlohmann::json& config)> tensors;
    std::function<std::size_t(const nlohmann::json& config)> parameters;  // trained numbers
    std::function<std::uint64_t(const nlohmann::json& config, std::size_t samples)> multiply_adds;
    std::function<int(const nlohmann::json& config)> input_leads;
    std::function<int(const nlohmann::json& config)> outputs;           // numbers per window
    std::function<int(const nlohmann::json& config)> labelled_outputs;  // 0: an embedding
    // Optional. What the tensors of its published files are; without it each is what it is called.
    // Where two of them claim one name, the one that was renamed has it.
    std::function<StoredName(const std::string& stored)> stored_name = {};
    // Optional. Fills a tensor of random weights and returns true, or returns false for one that
    // PyTorch's defaults fit (encoder/model.hpp).
    std::function<bool(const nlohmann::json& config, const TensorSpec& spec, std::uint64_t seed,
                       Tensor& tensor)>
        draw = {};
};

// A file in which someone published weights.
struct PublishedFile {
    std::string name;  // as it is downloaded
    int leads = 1;
    std::string size;  // as far as known: "5.5 MB"
    std::string md5;   // empty: none was published
    std::string where;
    std::string licence;
    std::string trained_on;
};

struct Architecture {
    std::string name;                  // "clef-small"
    std::string family;                // "net1d"
    std::vector<int> leads = {1, 12};  // the numbers of leads it comes with
    std::function<nlohmann::json(int leads)> config;
    std::function<Recipe(int leads)> recipe;
    std::vector<PublishedFile> files;
    std::vector<std::string> labels;  // of the outputs, as published; empty where there are none
    // What its authors' terms mean for whoever uses the weights, said whenever they are imported;
    // empty where they allow every use.
    std::string terms = {};
};

const std::vector<Family>& families();
const std::vector<Architecture>& architectures();

// InputError with a suggestion where there is none of that name.
const Family& find_family(const std::string& name);
const Architecture& find_architecture(const std::string& name);

// The published file of that name; nullptr for any other.
const PublishedFile* find_published_file(const std::string& file_name);

}  // namespace clef
