// MOMENT-1 (encoder/moment.hpp): the family and its three published sizes. Numbers: the published
// tensor list of the base size; small and large from the encoders of Flan-T5 that they are made of
// (google/flan-t5-small, -large: d_model, num_layers, num_heads, d_ff).
#include "encoder/moment.hpp"

#include <array>
#include <cmath>

#include "base/random.hpp"
#include "encoder/architectures/entries.hpp"
#include "encoder/architectures/numbers.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

StoredName stored_name(const std::string& stored) {
    if (stored.starts_with("head.")) return {"", "the head's"};
    if (stored == "encoder.embed_tokens.weight") return {"", "of words, which it never sees"};
    return {stored, ""};
}

// Sines in even, cosines in odd columns, wavelengths from 2π to 10000 · 2π ("Attention Is All You
// Need", section 3.5).
void fill_positions(Tensor& tensor) {
    const auto values = tensor.floats();
    const auto width = static_cast<std::size_t>(tensor.shape[2]);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t column = i % width;
        const double exponent =
            static_cast<double>(column & ~std::size_t{1}) / static_cast<double>(width);
        const double angle = static_cast<double>(i / width) * std::pow(10000.0, -exponent);
        values[i] = static_cast<float>(column % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
}

// T5's own (transformers, T5PreTrainedModel): normal numbers whose deviation keeps sums near 1
// without a scale in attention, 1/√(width · head width) for the queries.
double deviation(const MomentShape& shape, const std::string& name) {
    const double narrow = 1 / std::sqrt(static_cast<double>(shape.width));
    if (name.ends_with(".q.weight")) return narrow / std::sqrt(shape.head_width);
    if (name.ends_with(".o.weight")) return 1 / std::sqrt(shape.attention_width());
    if (name.ends_with(".wo.weight")) return 1 / std::sqrt(shape.hidden);
    return narrow;
}

bool draw(const Json& config, const TensorSpec& spec, std::uint64_t seed, Tensor& tensor) {
    if (spec.name.ends_with("norm.weight")) return false;
    tensor = Tensor::zeros(spec.shape);
    if (spec.name.ends_with(".pe")) {
        fill_positions(tensor);
        return true;
    }
    if (spec.name.ends_with("mask_embedding")) return true;  // zeros
    const MomentShape shape = parse_moment(config);
    // Orthogonal columns times 1.41 in the original: of so few, normal numbers nearly are.
    const double scale = spec.name.ends_with("value_embedding.weight")
                             ? 1.41 / std::sqrt(static_cast<double>(shape.width))
                             : deviation(shape, spec.name);
    Random random(seed, "weights:" + spec.name);
    for (float& value : tensor.floats()) value = static_cast<float>(scale * random.normal());
    return true;
}

}  // namespace

nlohmann::json moment_json(const MomentShape& shape) {
    return {{"family", "moment"},       {"input_leads", shape.input_leads},
            {"patch", shape.patch},     {"positions", shape.positions},
            {"buckets", shape.buckets}, {"farthest", shape.farthest},
            {"width", shape.width},     {"depth", shape.depth},
            {"heads", shape.heads},     {"head_width", shape.head_width},
            {"hidden", shape.hidden}};
}

MomentShape parse_moment(const nlohmann::json& config) {
    constexpr int most = 1 << 16;
    MomentShape shape;
    shape.input_leads = built_in::whole_number(config, "input_leads", 1, 64);
    shape.patch = built_in::whole_number(config, "patch", 1, most);
    shape.positions = built_in::whole_number(config, "positions", 1, most);
    shape.buckets = built_in::whole_number(config, "buckets", 4, 1024);
    shape.farthest = built_in::whole_number(config, "farthest", 2, most);
    shape.width = built_in::whole_number(config, "width", 1, most);
    shape.depth = built_in::whole_number(config, "depth", 1, 1000);
    shape.heads = built_in::whole_number(config, "heads", 1, 1024);
    shape.head_width = built_in::whole_number(config, "head_width", 1, 4096);
    shape.hidden = built_in::whole_number(config, "hidden", 1, most);
    if (shape.buckets % 4 != 0) {
        fail_input("buckets is {}; expected a multiple of 4", shape.buckets);
    }
    if (shape.farthest <= shape.buckets / 4) {
        fail_input("farthest is {}; expected more than {}, a quarter of the buckets",
                   shape.farthest, shape.buckets / 4);
    }
    return shape;
}

namespace {

Family moment_family() {
    Family family;
    family.name = "moment";
    family.checked = [](const Json& config) { return moment_json(parse_moment(config)); };
    family.tensors = [](const Json& config) { return moment_tensors(parse_moment(config)); };
    family.parameters = [](const Json& config) { return moment_parameters(parse_moment(config)); };
    family.multiply_adds = [](const Json& config, std::size_t samples) {
        return moment_multiply_adds(parse_moment(config), samples);
    };
    family.input_leads = [](const Json& config) { return parse_moment(config).input_leads; };
    family.outputs = [](const Json& config) { return parse_moment(config).width; };
    family.labelled_outputs = [](const Json&) { return 0; };
    family.stored_name = stored_name;
    family.draw = draw;
    return family;
}

struct Size {
    const char* name;
    int width;
    int depth;
    int heads;
    int hidden;
};

Architecture moment_architecture(const Size& size) {
    Architecture architecture;
    architecture.name = std::string("moment-1-") + size.name;
    architecture.family = "moment";
    architecture.leads = {12};  // the most: a window may hold any of them
    architecture.config = [size](int leads) {
        MomentShape shape;
        shape.input_leads = leads;
        shape.width = size.width;
        shape.depth = size.depth;
        shape.heads = size.heads;
        shape.hidden = size.hidden;
        return moment_json(shape);
    };
    architecture.recipe = moment_recipe;
    return architecture;
}

}  // namespace

built_in::Entries built_in::moment() {
    Entries entries;
    entries.families = {moment_family()};
    constexpr std::array sizes = {Size{"small", 512, 8, 6, 1024}, Size{"base", 768, 12, 12, 2048},
                                  Size{"large", 1024, 24, 16, 2816}};
    for (const Size& size : sizes) entries.architectures.push_back(moment_architecture(size));
    return entries;
}

}  // namespace clef
