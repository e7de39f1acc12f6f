#include "commands/info_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "base/text.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

std::string value_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    std::vector<std::string> parts;
    for (const Json& part : value) parts.push_back(value_text(part));
    return join(parts, ", ");
}

// What a person does not read: a whole configuration, the recipe beside its own line.
bool is_for_machines(const std::string& key) {
    static const std::set<std::string> keys = {"config", "initial", "ledger", "recipe"};
    return keys.contains(key);
}

std::string precision_text(const Model& model) {
    std::set<std::string_view> names;
    for (const auto& [name, tensor] : model.tensors) {
        if (tensor.type != ElementType::int64) names.insert(element_name(tensor.type));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

nlohmann::json model_description(const Model& model) {
    nlohmann::json description = {{"kind", "model"},
                                  {"architecture", model.architecture},
                                  {"network", model_config(model)},
                                  {"parameters", model_parameters(model)},
                                  {"multiply_adds_per_window", model_multiply_adds(model)},
                                  {"tensors", model.tensors.size()},
                                  {"precision", precision_text(model)},
                                  {"outputs", model_outputs(model)},
                                  {"recipe", recipe_json(model.recipe)},
                                  {"recipe_name", model.recipe.name},
                                  {"recipe_text", recipe_text(model.recipe)},
                                  {"labels", model.labels},
                                  {"provenance", model.provenance}};
    if (!model.head.is_null()) description["head"] = model.head;
    return description;
}

void print_description(const nlohmann::json& description, const std::string& path) {
    fmt::print("{}\n", path);
    for (const auto& [key, value] : description.items()) {
        if (is_for_machines(key) || (value.is_array() && value.empty())) continue;
        std::string name = key;
        std::replace(name.begin(), name.end(), '_', ' ');
        if (!value.is_object()) {
            fmt::print("  {:<24} {}\n", name, value_text(value));
            continue;
        }
        fmt::print("  {}\n", name);
        for (const auto& [inner, detail] : value.items()) {
            if (!is_for_machines(inner)) fmt::print("    {:<22} {}\n", inner, value_text(detail));
        }
    }
}

}  // namespace clef
