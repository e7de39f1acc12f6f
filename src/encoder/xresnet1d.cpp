#include "encoder/xresnet1d.hpp"

#include "base/error.hpp"

namespace clef {

namespace {

constexpr int first_stage = 4;  // upstream counts the stem's convolutions and its pool as 0 to 3

Xresnet1dLayer layer(const std::string& prefix, int in, int out, int kernel, int stride) {
    return {prefix + "0.", prefix + "1.", in, out, kernel, stride};
}

Xresnet1dBlock block(const std::string& prefix, int in, int width, int expansion, int kernel,
                     int stride) {
    Xresnet1dBlock result;
    result.stride = stride;
    const int out = width * expansion;
    result.path = {layer(prefix + "convs.0.", in, width, 1, 1),
                   layer(prefix + "convs.1.", width, width, kernel, stride),
                   layer(prefix + "convs.2.", width, out, 1, 1)};
    if (in != out) {  // behind the pool, where there is one
        const char* place = stride == 1 ? "idpath.0." : "idpath.1.";
        result.identity = {layer(prefix + place, in, out, 1, 1)};
    }
    return result;
}

std::vector<Xresnet1dLayer> all_layers(const Xresnet1dShape& shape) {
    std::vector<Xresnet1dLayer> layers = xresnet1d_stem(shape);
    for (const Xresnet1dBlock& block : xresnet1d_blocks(shape)) {
        layers.insert(layers.end(), block.path.begin(), block.path.end());
        layers.insert(layers.end(), block.identity.begin(), block.identity.end());
    }
    return layers;
}

// Of one layer, over so many samples of output.
std::uint64_t products(const Xresnet1dLayer& layer, std::size_t samples) {
    return std::uint64_t{samples} * static_cast<std::uint64_t>(layer.in_channels) *
           static_cast<std::uint64_t>(layer.out_channels) *
           static_cast<std::uint64_t>(layer.kernel);
}

}  // namespace

std::vector<Xresnet1dLayer> xresnet1d_stem(const Xresnet1dShape& shape) {
    std::vector<Xresnet1dLayer> layers;
    int in = shape.input_leads;
    for (std::size_t i = 0; i < shape.stem_channels.size(); ++i) {
        layers.push_back(
            layer(fmt::format("{}.", i), in, shape.stem_channels[i], shape.kernel, i == 0 ? 2 : 1));
        in = shape.stem_channels[i];
    }
    return layers;
}

std::vector<Xresnet1dBlock> xresnet1d_blocks(const Xresnet1dShape& shape) {
    std::vector<Xresnet1dBlock> blocks;
    int in = shape.stem_channels.back();
    for (std::size_t stage = 0; stage < shape.stage_blocks.size(); ++stage) {
        for (int i = 0; i < shape.stage_blocks[stage]; ++i) {
            blocks.push_back(block(fmt::format("{}.{}.", stage + first_stage, i), in,
                                   shape.stage_widths[stage], shape.expansion, shape.kernel,
                                   stage > 0 && i == 0 ? 2 : 1));
            in = shape.stage_widths[stage] * shape.expansion;
        }
    }
    return blocks;
}

std::vector<TensorSpec> xresnet1d_tensors(const Xresnet1dShape& shape) {
    std::vector<TensorSpec> specs;
    for (const Xresnet1dLayer& layer : all_layers(shape)) {
        specs.push_back(
            {layer.convolution + "weight", {layer.out_channels, layer.in_channels, layer.kernel}});
        for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
            specs.push_back({layer.norm + leaf, {layer.out_channels}});
        }
        specs.push_back({layer.norm + "num_batches_tracked", {}, ElementType::int64});
    }
    return specs;
}

std::size_t xresnet1d_parameters(const Xresnet1dShape& shape) {
    std::size_t count = 0;
    for (const Xresnet1dLayer& layer : all_layers(shape)) {
        count += products(layer, 1) + 2 * static_cast<std::size_t>(layer.out_channels);
    }
    return count;
}

std::uint64_t xresnet1d_multiply_adds(const Xresnet1dShape& shape, std::size_t samples) {
    std::uint64_t sum = 0;
    const auto halved = [](std::size_t length) { return (length + 1) / 2; };
    samples = halved(samples);
    for (const Xresnet1dLayer& layer : xresnet1d_stem(shape)) sum += products(layer, samples);
    samples = halved(samples);
    for (const Xresnet1dBlock& block : xresnet1d_blocks(shape)) {
        sum += products(block.path[0], samples);
        if (block.stride == 2) samples = halved(samples);
        sum += products(block.path[1], samples) + products(block.path[2], samples);
        for (const Xresnet1dLayer& layer : block.identity) sum += products(layer, samples);
    }
    return sum;
}

}  // namespace clef
