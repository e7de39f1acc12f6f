// ST-MEM (encoder/st_mem.hpp): the family and its published architecture, ViT-B with patches of 75
// samples. Numbers and names: its published tensor lists.
#include "encoder/st_mem.hpp"

#include <array>
#include <cmath>

#include "base/random.hpp"
#include "encoder/architectures/entries.hpp"
#include "encoder/architectures/numbers.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

// The full model's file holds the encoder behind `encoder.`, its patch embedding a second time
// without it, and the decoder of the pretraining.
StoredName stored_name(const std::string& stored) {
    constexpr std::string_view encoder = "encoder.";
    if (stored.starts_with(encoder)) return {stored.substr(encoder.size()), ""};
    constexpr std::array decoder = {"decoder_", "to_decoder_embedding.", "mask_embedding"};
    for (const char* prefix : decoder) {
        if (stored.starts_with(prefix)) return {"", "the decoder's"};
    }
    if (stored.starts_with("head.")) return {"", "a classifier's"};
    return {stored, ""};
}

// Fixed positions of the patches, counted from 0: the first half of the width sines, the second
// half cosines, of wavelengths from 2π to 10000 · 2π ("Attention Is All You Need", 3.5; halves
// instead of pairs as in the published code). The separators, first and last, have zeros.
void fill_positions(const StMemShape& shape, Tensor& tensor) {
    const auto values = tensor.floats();
    const auto width = static_cast<std::size_t>(shape.width);
    const std::size_t half = width / 2;
    for (std::size_t i = width; i + width < values.size(); ++i) {
        const std::size_t column = i % width;
        const double exponent = static_cast<double>(column % half) / static_cast<double>(half);
        const double angle = static_cast<double>(i / width - 1) / std::pow(10000.0, exponent);
        values[i] = static_cast<float>(column < half ? std::sin(angle) : std::cos(angle));
    }
}

bool draw(const Json& config, const TensorSpec& spec, std::uint64_t seed, Tensor& tensor) {
    const bool positions = spec.name == "pos_embedding";
    if (!positions && spec.name != "sep_embedding" && !spec.name.starts_with("lead_embeddings.")) {
        return false;
    }
    tensor = Tensor::zeros(spec.shape);
    if (positions) {
        fill_positions(parse_st_mem(config), tensor);
        return true;
    }
    Random random(seed, "weights:" + spec.name);
    for (float& value : tensor.floats()) value = static_cast<float>(0.02 * random.normal());
    return true;
}

}  // namespace

nlohmann::json st_mem_json(const StMemShape& shape) {
    return {{"family", "st-mem"},    {"input_leads", shape.input_leads},
            {"patch", shape.patch},  {"patches", shape.patches},
            {"width", shape.width},  {"depth", shape.depth},
            {"heads", shape.heads},  {"head_width", shape.head_width},
            {"hidden", shape.hidden}};
}

StMemShape parse_st_mem(const nlohmann::json& config) {
    constexpr int most = 1 << 16;
    StMemShape shape;
    shape.input_leads = built_in::whole_number(config, "input_leads", 1, 64);
    shape.patch = built_in::whole_number(config, "patch", 1, most);
    shape.patches = built_in::whole_number(config, "patches", 1, most);
    shape.width = built_in::whole_number(config, "width", 2, most);
    shape.depth = built_in::whole_number(config, "depth", 1, 1000);
    shape.heads = built_in::whole_number(config, "heads", 1, 1024);
    shape.head_width = built_in::whole_number(config, "head_width", 1, 4096);
    shape.hidden = built_in::whole_number(config, "hidden", 1, most);
    if (shape.width % 2 != 0) fail_input("width is {}; expected an even number", shape.width);
    return shape;
}

namespace {

Family st_mem_family() {
    Family family;
    family.name = "st-mem";
    family.checked = [](const Json& config) { return st_mem_json(parse_st_mem(config)); };
    family.tensors = [](const Json& config) { return st_mem_tensors(parse_st_mem(config)); };
    family.parameters = [](const Json& config) { return st_mem_parameters(parse_st_mem(config)); };
    family.multiply_adds = [](const Json& config, std::size_t samples) {
        return st_mem_multiply_adds(parse_st_mem(config), samples);
    };
    family.input_leads = [](const Json& config) { return parse_st_mem(config).input_leads; };
    family.outputs = [](const Json& config) { return parse_st_mem(config).width; };
    family.labelled_outputs = [](const Json&) { return 0; };
    family.stored_name = stored_name;
    family.draw = draw;
    return family;
}

}  // namespace

built_in::Entries built_in::st_mem() {
    Architecture architecture;
    architecture.name = "st-mem";
    architecture.family = "st-mem";
    architecture.leads = {12};
    architecture.config = [](int leads) {
        StMemShape shape;
        shape.input_leads = leads;
        return st_mem_json(shape);
    };
    architecture.recipe = st_mem_recipe;
    const auto file = [](const char* name) {
        return PublishedFile{name,
                             12,
                             "",
                             "",
                             "the Google Drive folder of github.com/bakqui/ST-MEM",
                             "CC BY-NC 4.0",
                             "Chapman–Shaoxing, Ningbo and CODE-15 (published weights)"};
    };
    architecture.files = {file("st_mem_vit_base_encoder.pth"), file("st_mem_vit_base_full.pth")};
    architecture.terms =
        "ST-MEM's weights are CC BY-NC 4.0 (VUNO): not for commercial use, and name their authors";
    return {{st_mem_family()}, {architecture}};
}

}  // namespace clef
