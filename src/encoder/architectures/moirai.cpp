// Moirai 1.1 R (encoder/moirai.hpp): the family and its three published sizes. Numbers: the
// published tensor list of the base size; small and large as in arXiv 2402.02592, with
// hidden = 8/3 · width rounded up to a multiple of 8 (uni2ts, module/ffn.py).
#include "encoder/moirai.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "encoder/architectures/entries.hpp"
#include "encoder/architectures/numbers.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

StoredName stored_name(const std::string& stored) {
    if (stored.starts_with("param_proj.")) return {"", "the forecast's"};
    if (stored == "mask_encoding.weight") return {"", "of tokens to be forecast"};
    return {stored, ""};
}

// The layer of each patch size is drawn by itself: uniform within ±1/√size, and no weights behind
// its size. One number per head of the biases: as PyTorch draws embeddings.
bool draw(const Json& config, const TensorSpec& spec, std::uint64_t seed, Tensor& tensor) {
    const bool bias = spec.name.ends_with("var_attn_bias.emb.weight");
    if (!bias && !spec.name.starts_with("in_proj.")) return false;
    tensor = Tensor::zeros(spec.shape);
    Random random(seed, "weights:" + spec.name);
    const auto values = tensor.floats();
    if (bias) {
        for (float& value : values) value = static_cast<float>(random.normal());
        return true;
    }
    const MoiraiShape shape = parse_moirai(config);
    const auto longest = spec.shape.size() == 3 ? static_cast<std::size_t>(spec.shape[2]) : 1;
    const std::size_t layer = values.size() / shape.patch_sizes.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto size = static_cast<std::size_t>(shape.patch_sizes[i / layer]);
        const double bound = 1 / std::sqrt(static_cast<double>(size));
        const double value = random.uniform(-bound, bound);
        if (i % longest < size) values[i] = static_cast<float>(value);
    }
    return true;
}

}  // namespace

nlohmann::json moirai_json(const MoiraiShape& shape) {
    return {{"family", "moirai"},    {"input_leads", shape.input_leads},
            {"patch", shape.patch},  {"patch_sizes", shape.patch_sizes},
            {"width", shape.width},  {"depth", shape.depth},
            {"heads", shape.heads},  {"head_width", shape.head_width},
            {"hidden", shape.hidden}};
}

MoiraiShape parse_moirai(const nlohmann::json& config) {
    constexpr int most = 1 << 16;
    MoiraiShape shape;
    shape.input_leads = built_in::whole_number(config, "input_leads", 1, 64);
    shape.patch = built_in::whole_number(config, "patch", 1, most);
    shape.patch_sizes = built_in::whole_numbers(config, "patch_sizes", 1, most);
    shape.width = built_in::whole_number(config, "width", 1, most);
    shape.depth = built_in::whole_number(config, "depth", 1, 1000);
    shape.heads = built_in::whole_number(config, "heads", 1, 1024);
    shape.head_width = built_in::whole_number(config, "head_width", 4, 4096);
    shape.hidden = built_in::whole_number(config, "hidden", 1, most);
    if (shape.patch_index() == shape.patch_sizes.size()) {
        fail_input("patch is {}; expected one of {}", shape.patch, config.at("patch_sizes").dump());
    }
    if (shape.head_width % 4 != 0) {
        fail_input("head_width is {}; expected a multiple of 4, as half of it is rotated in pairs",
                   shape.head_width);
    }
    return shape;
}

namespace {

Family moirai_family() {
    Family family;
    family.name = "moirai";
    family.checked = [](const Json& config) { return moirai_json(parse_moirai(config)); };
    family.tensors = [](const Json& config) { return moirai_tensors(parse_moirai(config)); };
    family.parameters = [](const Json& config) { return moirai_parameters(parse_moirai(config)); };
    family.multiply_adds = [](const Json& config, std::size_t samples) {
        return moirai_multiply_adds(parse_moirai(config), samples);
    };
    family.input_leads = [](const Json& config) { return parse_moirai(config).input_leads; };
    family.outputs = [](const Json& config) { return parse_moirai(config).width; };
    family.labelled_outputs = [](const Json&) { return 0; };
    family.stored_name = stored_name;
    family.draw = draw;
    return family;
}

Architecture moirai_architecture(const std::string& size, int width, int depth, int hidden) {
    Architecture architecture;
    architecture.name = "moirai-1.1-r-" + size;
    architecture.family = "moirai";
    architecture.leads = {12};  // the most: a window may hold any of them
    architecture.config = [width, depth, hidden](int leads) {
        MoiraiShape shape;
        shape.input_leads = leads;
        shape.width = width;
        shape.depth = depth;
        shape.heads = width / shape.head_width;
        shape.hidden = hidden;
        return moirai_json(shape);
    };
    architecture.recipe = moirai_recipe;
    architecture.terms =
        "Moirai's weights are CC BY-NC 4.0 (Salesforce, by their model card): not for commercial "
        "use, and name their authors";
    return architecture;
}

}  // namespace

built_in::Entries built_in::moirai() {
    return {{moirai_family()},
            {moirai_architecture("small", 384, 6, 1024), moirai_architecture("base", 768, 12, 2048),
             moirai_architecture("large", 1024, 24, 2736)}};
}

}  // namespace clef
