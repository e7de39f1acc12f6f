#include "encoder/moirai.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace clef {

std::size_t MoiraiShape::patch_index() const {
    const auto found = std::find(patch_sizes.begin(), patch_sizes.end(), patch);
    return static_cast<std::size_t>(found - patch_sizes.begin());
}

std::vector<TensorSpec> moirai_tensors(const MoiraiShape& shape) {
    const std::int64_t width = shape.width;
    const std::int64_t inner = shape.attention_width();
    const auto sizes = static_cast<std::int64_t>(shape.patch_sizes.size());
    const std::int64_t longest =
        *std::max_element(shape.patch_sizes.begin(), shape.patch_sizes.end());
    std::vector<TensorSpec> specs;
    specs.push_back({"in_proj.weight", {sizes, width, longest}});
    specs.push_back({"in_proj.bias", {sizes, width}});
    for (int i = 0; i < shape.depth; ++i) {
        const std::string prefix = fmt::format("encoder.layers.{}.", i);
        const std::string attention = prefix + "self_attn.";
        specs.push_back({attention + "var_attn_bias.emb.weight", {2, shape.heads}});
        for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
            specs.push_back({attention + name + ".weight", {inner, width}});
        }
        specs.push_back({attention + "q_norm.weight", {shape.head_width}});
        specs.push_back({attention + "k_norm.weight", {shape.head_width}});
        specs.push_back({attention + "out_proj.weight", {width, inner}});
        specs.push_back({prefix + "ffn.fc1.weight", {shape.hidden, width}});
        specs.push_back({prefix + "ffn.fc2.weight", {width, shape.hidden}});
        specs.push_back({prefix + "ffn.fc_gate.weight", {shape.hidden, width}});
        specs.push_back({prefix + "norm1.weight", {width}});
        specs.push_back({prefix + "norm2.weight", {width}});
    }
    specs.push_back({"encoder.norm.weight", {width}});
    return specs;
}

std::size_t moirai_parameters(const MoiraiShape& shape) {
    std::size_t count = 0;
    for (const TensorSpec& spec : moirai_tensors(shape)) count += element_count(spec.shape);
    return count;
}

std::uint64_t moirai_multiply_adds(const MoiraiShape& shape, std::size_t samples) {
    const auto number = [](int value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t patch = number(shape.patch);
    const std::uint64_t tokens = number(shape.input_leads) * ((samples + patch - 1) / patch);
    const std::uint64_t inner = number(shape.attention_width());
    const std::uint64_t linear =
        number(shape.width) * (4 * inner + 3 * number(shape.hidden)) * tokens;
    const std::uint64_t mixing = 2 * tokens * tokens * inner;
    return tokens * patch * number(shape.width) + number(shape.depth) * (linear + mixing);
}

}  // namespace clef
