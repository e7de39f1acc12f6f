// The family xresnet1d: KED's network (encoder/xresnet1d.hpp).
#include "encoder/xresnet1d.hpp"

#include "encoder/architectures/entries.hpp"
#include "encoder/architectures/numbers.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

constexpr int most_channels = 1 << 16;

// Upstream holds a block's convolutions twice, as `convs` and within `convpath`; the numbers are
// the same ones.
StoredName stored_name(const std::string& stored) {
    const std::size_t at = stored.find(".convpath.0.");
    if (at == std::string::npos) return {stored, ""};
    constexpr std::size_t length = std::string_view(".convpath.0.").size();
    return {stored.substr(0, at) + ".convs." + stored.substr(at + length), "a second name"};
}

}  // namespace

nlohmann::json xresnet1d_json(const Xresnet1dShape& shape) {
    return {{"family", "xresnet1d"},
            {"input_leads", shape.input_leads},
            {"stem_channels", shape.stem_channels},
            {"stage_blocks", shape.stage_blocks},
            {"stage_widths", shape.stage_widths},
            {"expansion", shape.expansion},
            {"kernel", shape.kernel}};
}

Xresnet1dShape parse_xresnet1d(const nlohmann::json& config) {
    Xresnet1dShape shape;
    shape.input_leads = built_in::whole_number(config, "input_leads", 1, 64);
    shape.stem_channels = built_in::whole_numbers(config, "stem_channels", 1, most_channels);
    shape.stage_blocks = built_in::whole_numbers(config, "stage_blocks", 1, 1000);
    shape.stage_widths = built_in::whole_numbers(config, "stage_widths", 1, most_channels);
    shape.expansion = built_in::whole_number(config, "expansion", 1, 64);
    shape.kernel = built_in::whole_number(config, "kernel", 1, 999);
    if (shape.stage_blocks.size() != shape.stage_widths.size()) {
        fail_input("stage_blocks has {} numbers and stage_widths {}; expected as many",
                   shape.stage_blocks.size(), shape.stage_widths.size());
    }
    if (shape.stem_channels.size() != 3) {
        fail_input("stem_channels has {} numbers; expected 3", shape.stem_channels.size());
    }
    if (shape.kernel % 2 == 0) fail_input("kernel is {}; expected an odd number", shape.kernel);
    return shape;
}

built_in::Entries built_in::xresnet1d() {
    Family family;
    family.name = "xresnet1d";
    family.checked = [](const Json& config) { return xresnet1d_json(parse_xresnet1d(config)); };
    family.tensors = [](const Json& config) { return xresnet1d_tensors(parse_xresnet1d(config)); };
    family.parameters = [](const Json& config) {
        return xresnet1d_parameters(parse_xresnet1d(config));
    };
    family.multiply_adds = [](const Json& config, std::size_t samples) {
        return xresnet1d_multiply_adds(parse_xresnet1d(config), samples);
    };
    family.input_leads = [](const Json& config) { return parse_xresnet1d(config).input_leads; };
    family.outputs = [](const Json& config) { return parse_xresnet1d(config).embedding_size(); };
    family.labelled_outputs = [](const Json&) { return 0; };
    family.stored_name = stored_name;
    return {{family}, {}};
}

}  // namespace clef
