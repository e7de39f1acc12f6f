#include "encoder/as_released.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/random.hpp"
#include "encoder/new_stem.hpp"
#include "encoder/st_mem.hpp"

namespace clef {

namespace {

// The released code draws them from a normal distribution of deviation 1.
bool is_drawn_normal(const std::string& name) {
    return name == "pos_embedding" || name == "sep_embedding" ||
           name.starts_with("lead_embeddings.");
}

Model released_st_mem(const Model& model, std::uint64_t seed) {
    Model result = model;
    StMemShape shape = parse_st_mem(model.config);
    shape.input_leads = 1;
    shape.patches = 5000 / shape.patch;
    result.config = st_mem_json(shape);
    result.tensors.clear();
    draw_weights(result, seed);
    for (auto& [name, tensor] : result.tensors) {
        if (name.starts_with("to_patch_embedding.")) tensor = model.tensors.at(name);
        if (!is_drawn_normal(name)) continue;
        Random random(seed, "weights:" + name);
        for (float& value : tensor.floats()) value = static_cast<float>(random.normal());
    }
    return result;
}

Model released_moirai(const Model& model) {
    Model result = model;
    for (const char* name : {"in_proj.weight", "in_proj.bias"}) {
        Tensor& tensor = result.tensors.at(name);
        tensor = Tensor::zeros(tensor.shape);
    }
    return result;
}

const char* change_of(const Model& model) {
    if (model.family == "xresnet1d") return "the first convolution is random, of a single lead";
    if (model.family == "st-mem") return "all but the patch embedding is random, of a single lead";
    if (model.family == "moirai") return "no layer for its patches: zeros go in";
    return "no weight is changed";
}

}  // namespace

Model as_released(const Model& model, const std::string& recipe, std::uint64_t seed) {
    constexpr std::array known = {"as-released", "as-released-ptbxl"};
    if (std::find(known.begin(), known.end(), recipe) == known.end()) {
        fail_input(
            "recipe '{}' is not one to import with; expected 'as-released' or "
            "'as-released-ptbxl', or none for the encoder's own",
            recipe);
    }
    Model result = model;
    if (model.family == "xresnet1d" && model_input_leads(model) > 1) {
        result = with_new_stem(model, seed);
    } else if (model.family == "st-mem") {
        result = released_st_mem(model, seed);
    } else if (model.family == "moirai") {
        result = released_moirai(model);
    }
    if (model.family == "moirai" || model.family == "moment") result.config["input_leads"] = 1;
    result.recipe = named_recipe(recipe, model_input_leads(result));
    if (model.family == "st-mem") {  // whole patches
        const StMemShape shape = parse_st_mem(result.config);
        result.recipe.window_seconds = shape.patches * shape.patch / result.recipe.sampling_rate;
    }
    result.provenance["as_released"] = {{"weights", change_of(model)}, {"seed", seed}};
    return result;
}

}  // namespace clef
