#include "encoder/st_mem.hpp"

#include "base/error.hpp"

namespace clef {

namespace {

void add_norm(std::vector<TensorSpec>& specs, const std::string& prefix, std::int64_t size) {
    specs.push_back({prefix + "weight", {size}});
    specs.push_back({prefix + "bias", {size}});
}

void add_linear(std::vector<TensorSpec>& specs, const std::string& prefix, std::int64_t in,
                std::int64_t out) {
    specs.push_back({prefix + "weight", {out, in}});
    specs.push_back({prefix + "bias", {out}});
}

}  // namespace

std::vector<TensorSpec> st_mem_tensors(const StMemShape& shape) {
    const std::int64_t width = shape.width;
    std::vector<TensorSpec> specs;
    specs.push_back({"pos_embedding", {1, shape.patches + 2, width}});
    specs.push_back({"sep_embedding", {width}});
    add_norm(specs, "to_patch_embedding.1.", shape.patch);
    add_linear(specs, "to_patch_embedding.2.", shape.patch, width);
    add_norm(specs, "to_patch_embedding.3.", width);
    for (int lead = 0; lead < shape.input_leads; ++lead) {
        specs.push_back({fmt::format("lead_embeddings.{}", lead), {width}});
    }
    for (int i = 0; i < shape.depth; ++i) {
        const std::string prefix = fmt::format("block{}.", i);
        add_norm(specs, prefix + "attn.norm.", width);
        add_linear(specs, prefix + "attn.fn.to_qkv.", width, 3 * shape.attention_width());
        add_linear(specs, prefix + "attn.fn.to_out.0.", shape.attention_width(), width);
        add_norm(specs, prefix + "ff.norm.", width);
        add_linear(specs, prefix + "ff.fn.net.0.", width, shape.hidden);
        add_linear(specs, prefix + "ff.fn.net.3.", shape.hidden, width);
    }
    add_norm(specs, "norm.", width);
    return specs;
}

std::size_t st_mem_parameters(const StMemShape& shape) {
    std::size_t count = 0;
    for (const TensorSpec& spec : st_mem_tensors(shape)) count += element_count(spec.shape);
    return count;
}

std::uint64_t st_mem_multiply_adds(const StMemShape& shape, std::size_t samples) {
    const auto number = [](int value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t patches = samples / number(shape.patch);
    const std::uint64_t tokens = number(shape.input_leads) * (patches + 2);
    const std::uint64_t attention = number(shape.attention_width());
    const std::uint64_t linear =
        number(shape.width) * (4 * attention + 2 * number(shape.hidden)) * tokens;
    const std::uint64_t mixing = 2 * tokens * tokens * attention;
    return number(shape.input_leads) * patches * number(shape.patch) * number(shape.width) +
           number(shape.depth) * (linear + mixing);
}

}  // namespace clef
