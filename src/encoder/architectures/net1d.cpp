// The family net1d: the network of CLEF and ECGFounder (encoder/net1d.hpp).
#include "encoder/net1d.hpp"

#include "base/error.hpp"
#include "encoder/architectures/entries.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

// The JSON library would round 1.5 and wrap what leaves an int.
int whole_number(const Json& json) {
    const bool whole =
        json.is_number_integer() && (json.is_number_unsigned() || json.get<std::int64_t>() >= 0);
    if (!whole || json.get<std::uint64_t>() > 1U << 30) {
        fail_input("{} is no size of a network", json.dump());
    }
    return json.get<int>();
}

std::vector<int> whole_numbers(const Json& json) {
    std::vector<int> numbers;
    for (const Json& number : json) numbers.push_back(whole_number(number));
    return numbers;
}

}  // namespace

nlohmann::json shape_json(const Net1dShape& shape) {
    return {{"family", "net1d"},
            {"input_leads", shape.input_leads},
            {"base_channels", shape.base_channels},
            {"ratio", shape.ratio},
            {"stage_channels", shape.stage_channels},
            {"stage_blocks", shape.stage_blocks},
            {"kernel", shape.kernel},
            {"stride", shape.stride},
            {"group_width", shape.group_width},
            {"outputs", shape.outputs}};
}

Net1dShape parse_shape(const nlohmann::json& config) {
    Net1dShape shape;
    shape.input_leads = whole_number(config.at("input_leads"));
    shape.base_channels = whole_number(config.at("base_channels"));
    shape.ratio = config.at("ratio").get<double>();
    shape.stage_channels = whole_numbers(config.at("stage_channels"));
    shape.stage_blocks = whole_numbers(config.at("stage_blocks"));
    shape.kernel = whole_number(config.at("kernel"));
    shape.stride = whole_number(config.at("stride"));
    shape.group_width = whole_number(config.at("group_width"));
    shape.outputs = whole_number(config.at("outputs"));
    check_shape(shape);
    return shape;
}

built_in::Entries built_in::net1d() {
    Family family;
    family.name = "net1d";
    family.checked = [](const Json& config) { return shape_json(parse_shape(config)); };
    family.tensors = [](const Json& config) { return net1d_tensors(parse_shape(config)); };
    family.parameters = [](const Json& config) { return net1d_parameters(parse_shape(config)); };
    family.multiply_adds = [](const Json& config, std::size_t samples) {
        return net1d_multiply_adds(parse_shape(config), samples);
    };
    family.input_leads = [](const Json& config) { return parse_shape(config).input_leads; };
    family.outputs = [](const Json& config) { return parse_shape(config).output_size(); };
    family.labelled_outputs = [](const Json& config) { return parse_shape(config).outputs; };
    Entries entries;
    entries.families = {std::move(family)};
    return entries;
}

}  // namespace clef
