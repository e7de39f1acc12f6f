#include "encoder/net1d.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace clef {

namespace {

void add_batch_norm(std::vector<TensorSpec>& specs, const std::string& prefix, int channels) {
    for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
        specs.push_back({prefix + leaf, {channels}});
    }
    specs.push_back({prefix + "num_batches_tracked", {}, ElementType::int64});
}

void add_convolution(std::vector<TensorSpec>& specs, const std::string& prefix, int out, int in,
                     int kernel) {
    specs.push_back({prefix + "conv.weight", {out, in, kernel}});
    specs.push_back({prefix + "conv.bias", {out}});
}

void add_linear(std::vector<TensorSpec>& specs, const std::string& prefix, int out, int in) {
    specs.push_back({prefix + "weight", {out, in}});
    specs.push_back({prefix + "bias", {out}});
}

bool is_statistic(const std::string& name) {
    return name.ends_with("running_mean") || name.ends_with("running_var") ||
           name.ends_with("num_batches_tracked");
}

}  // namespace

std::vector<Net1dBlock> net1d_blocks(const Net1dShape& shape) {
    std::vector<Net1dBlock> blocks;
    int in = shape.base_channels;
    for (std::size_t stage = 0; stage < shape.stage_channels.size(); ++stage) {
        const int out = shape.stage_channels[stage];
        for (int i = 0; i < shape.stage_blocks[stage]; ++i) {
            Net1dBlock block;
            block.prefix = fmt::format("stage_list.{}.block_list.{}.", stage, i);
            block.in_channels = in;
            block.middle_channels = static_cast<int>(out * shape.ratio);
            block.out_channels = out;
            block.groups = out / shape.group_width;
            block.stride = i == 0 ? shape.stride : 1;
            block.first = stage == 0 && i == 0;
            blocks.push_back(block);
            in = out;
        }
    }
    return blocks;
}

std::vector<TensorSpec> net1d_tensors(const Net1dShape& shape) {
    std::vector<TensorSpec> specs;
    add_convolution(specs, "first_conv.", shape.base_channels, shape.input_leads, shape.kernel);
    add_batch_norm(specs, "first_bn.", shape.base_channels);
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        const int middle = block.middle_channels;
        const int out = block.out_channels;
        add_batch_norm(specs, block.prefix + "bn1.", block.in_channels);
        add_convolution(specs, block.prefix + "conv1.", middle, block.in_channels, 1);
        add_batch_norm(specs, block.prefix + "bn2.", middle);
        add_convolution(specs, block.prefix + "conv2.", middle, middle / block.groups,
                        shape.kernel);
        add_batch_norm(specs, block.prefix + "bn3.", middle);
        add_convolution(specs, block.prefix + "conv3.", out, middle, 1);
        add_linear(specs, block.prefix + "se_fc1.", out / 2, out);
        add_linear(specs, block.prefix + "se_fc2.", out, out / 2);
    }
    if (shape.outputs > 0) add_linear(specs, "dense.", shape.outputs, shape.embedding_size());
    return specs;
}

std::size_t net1d_parameters(const Net1dShape& shape) {
    std::size_t count = 0;
    for (const TensorSpec& spec : net1d_tensors(shape)) {
        if (!is_statistic(spec.name)) count += element_count(spec.shape);
    }
    return count;
}

std::uint64_t net1d_multiply_adds(const Net1dShape& shape, std::size_t samples) {
    const auto number = [](auto value) { return static_cast<std::uint64_t>(value); };
    std::uint64_t length = same_padding(samples, shape.kernel, shape.stride).output;
    std::uint64_t total =
        length * number(shape.base_channels) * number(shape.input_leads) * number(shape.kernel);
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        const std::uint64_t in = number(block.in_channels);
        const std::uint64_t middle = number(block.middle_channels);
        const std::uint64_t out = number(block.out_channels);
        total += length * in * middle;
        length = same_padding(length, shape.kernel, block.stride).output;
        total += length * middle * (middle / number(block.groups)) * number(shape.kernel);
        total += length * middle * out + out * (out / 2) * 2;
    }
    return total + number(shape.outputs) * number(shape.embedding_size());
}

SamePadding same_padding(std::size_t samples, std::size_t kernel, std::size_t stride) {
    const std::size_t output = (samples + stride - 1) / stride;
    const std::size_t needed = (output - 1) * stride + kernel;
    const std::size_t total = needed > samples ? needed - samples : 0;
    return {output, total / 2, total - total / 2};
}

void check_shape(const Net1dShape& shape) {
    const auto require = [](bool good, const std::string& trouble) {
        if (!good) fail_input("Net1D: {}", trouble);
    };
    const auto in_range = [](int value, int most) { return value >= 1 && value <= most; };
    require(in_range(shape.input_leads, 64), "input_leads must be 1–64");
    require(in_range(shape.base_channels, 1 << 14), "base_channels must be 1–16384");
    require(shape.ratio > 0 && shape.ratio <= 16, "ratio must be above 0 and at most 16");
    require(in_range(shape.kernel, 1024), "kernel must be 1–1024");
    require(in_range(shape.stride, 64), "stride must be 1–64");
    require(in_range(shape.group_width, 1 << 14), "group_width must be 1–16384");
    require(shape.outputs >= 0 && shape.outputs <= 1 << 20, "outputs must be 0–1048576");
    require(!shape.stage_channels.empty() && shape.stage_channels.size() <= 64,
            "expected 1–64 stages");
    require(shape.stage_blocks.size() == shape.stage_channels.size(),
            "stage_blocks must have as many entries as stage_channels");
    for (const int count : shape.stage_blocks)
        require(in_range(count, 256), "a stage has 1–256 blocks");
    for (const int channels : shape.stage_channels) {
        require(in_range(channels, 1 << 14), "a stage has 1–16384 channels");
    }
    int in = shape.base_channels;
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        require(block.groups >= 1 && block.middle_channels >= 1 && block.out_channels >= 2 &&
                    block.middle_channels % block.groups == 0,
                fmt::format("{}: {} groups do not divide {} channels", block.prefix, block.groups,
                            block.middle_channels));
        require(block.out_channels >= in, fmt::format("{}: a stage cannot narrow {} channels to {}",
                                                      block.prefix, in, block.out_channels));
        in = block.out_channels;
    }
}

}  // namespace clef
