// Encoders of every family but net1d, small enough to run in no time.
#pragma once

#include <string>
#include <vector>

#include "encoder/model.hpp"
#include "encoder/moirai.hpp"
#include "encoder/moment.hpp"
#include "encoder/st_mem.hpp"
#include "encoder/xresnet1d.hpp"
#include "procedural.hpp"

namespace clef::testing {

// Three leads, procedural weights, and the recipe of the architecture that stands for the family.
inline Model tiny(const std::string& architecture, const nlohmann::json& config) {
    Model model = empty_model(architecture, 12);
    set_model_config(model, config);
    model.recipe.leads = {"I", "II", "V1"};
    for (const TensorSpec& spec : model_tensors(model)) {
        model.tensors[spec.name] = procedural_tensor(spec);
    }
    return model;
}

inline Model tiny_model(const std::string& family) {
    if (family == "xresnet1d") {
        return tiny("ked", xresnet1d_json({3, {4, 5, 6}, {1, 2, 1}, {4, 5, 6}, 2, 3}));
    }
    if (family == "st-mem") {
        StMemShape shape;
        shape.input_leads = 3;
        shape.patch = 5;
        shape.patches = 30;
        shape.width = 12;
        shape.depth = 2;
        shape.heads = 2;
        shape.head_width = 4;
        shape.hidden = 20;
        Model model = tiny("st-mem", st_mem_json(shape));
        model.recipe.window_seconds = 0.6;  // 150 samples, as many as it takes
        return model;
    }
    if (family == "moment") {
        MomentShape shape;
        shape.input_leads = 3;
        shape.patch = 4;
        shape.positions = 128;
        shape.buckets = 8;
        shape.farthest = 6;
        shape.width = 12;
        shape.depth = 2;
        shape.heads = 3;
        shape.head_width = 5;
        shape.hidden = 16;
        return tiny("moment-1-small", moment_json(shape));
    }
    MoiraiShape shape;
    shape.input_leads = 3;
    shape.patch = 8;
    shape.width = 24;
    shape.depth = 2;
    shape.heads = 3;
    shape.head_width = 8;
    shape.hidden = 40;
    return tiny("moirai-1.1-r-small", moirai_json(shape));
}

inline std::vector<std::string> tiny_families() {
    return {"xresnet1d", "st-mem", "moirai", "moment"};
}

}  // namespace clef::testing
