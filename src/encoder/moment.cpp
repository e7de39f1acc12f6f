#include "encoder/moment.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace clef {

namespace {

const char* const position_name = "patch_embedding.position_embedding.pe";

}  // namespace

std::size_t moment_bucket(const MomentShape& shape, std::ptrdiff_t distance) {
    const int half = shape.buckets / 2;
    const int exact = half / 2;
    const auto length = static_cast<double>(std::abs(distance));
    const int base = distance > 0 ? half : 0;
    if (length < exact) return static_cast<std::size_t>(base) + static_cast<std::size_t>(length);
    // Powers of two fall on whole numbers, and T5 rounds down in float32: a hair more than the
    // logarithm keeps them there.
    const double growth = std::log(length / exact) /
                          std::log(static_cast<double>(shape.farthest) / exact) * (half - exact);
    const int bucket = std::min(exact + static_cast<int>(growth + 1e-6), half - 1);
    return static_cast<std::size_t>(base + bucket);
}

std::vector<TensorSpec> moment_tensors(const MomentShape& shape) {
    const std::int64_t width = shape.width;
    const std::int64_t inner = shape.attention_width();
    std::vector<TensorSpec> specs;
    specs.push_back({"patch_embedding.value_embedding.weight", {width, shape.patch}});
    specs.push_back({"patch_embedding.mask_embedding", {width}});
    specs.push_back({position_name, {1, shape.positions, width}});
    for (int i = 0; i < shape.depth; ++i) {
        const std::string attention = fmt::format("encoder.block.{}.layer.0.", i);
        for (const char* name : {"q", "k", "v"}) {
            specs.push_back({attention + "SelfAttention." + name + ".weight", {inner, width}});
        }
        specs.push_back({attention + "SelfAttention.o.weight", {width, inner}});
        if (i == 0) {  // the first layer's is all layers'
            specs.push_back({attention + "SelfAttention.relative_attention_bias.weight",
                             {shape.buckets, shape.heads}});
        }
        specs.push_back({attention + "layer_norm.weight", {width}});
        const std::string gated = fmt::format("encoder.block.{}.layer.1.", i);
        specs.push_back({gated + "DenseReluDense.wi_0.weight", {shape.hidden, width}});
        specs.push_back({gated + "DenseReluDense.wi_1.weight", {shape.hidden, width}});
        specs.push_back({gated + "DenseReluDense.wo.weight", {width, shape.hidden}});
        specs.push_back({gated + "layer_norm.weight", {width}});
    }
    specs.push_back({"encoder.final_layer_norm.weight", {width}});
    return specs;
}

std::size_t moment_parameters(const MomentShape& shape) {
    std::size_t count = 0;
    for (const TensorSpec& spec : moment_tensors(shape)) {
        if (spec.name != position_name) count += element_count(spec.shape);
    }
    return count;
}

std::uint64_t moment_multiply_adds(const MomentShape& shape, std::size_t samples) {
    const auto number = [](int value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t patches = samples / number(shape.patch);
    const std::uint64_t inner = number(shape.attention_width());
    const std::uint64_t linear =
        number(shape.width) * (4 * inner + 3 * number(shape.hidden)) * patches;
    const std::uint64_t mixing = 2 * patches * patches * inner;
    return number(shape.input_leads) * (patches * number(shape.patch) * number(shape.width) +
                                        number(shape.depth) * (linear + mixing));
}

}  // namespace clef
