// Net1dModule's forward pass as GPUs like it: (batch, samples, channels), in which a 1×1
// convolution is one matrix product over all samples of the batch with its bias in the same kernel,
// and the tensor cores need no transposed copies. On an H200 in bfloat16, against channels before
// samples and both replayed: CLEF-large 1.8 times as fast, small 1.2, medium 1.1 (docs/gpu.md).
#include "training/net1d_module.hpp"

namespace clef {

namespace {

torch::Tensor padded(const torch::Tensor& x, std::int64_t kernel, std::int64_t stride) {
    const SamePadding padding =
        same_padding(static_cast<std::size_t>(x.size(1)), static_cast<std::size_t>(kernel),
                     static_cast<std::size_t>(stride));
    return torch::constant_pad_nd(
        x,
        {0, 0, static_cast<std::int64_t>(padding.left), static_cast<std::int64_t>(padding.right)},
        0);
}

// Below so many samples cuDNN's kernels for this order of memory fall behind the others.
constexpr std::int64_t shortest_channels_last = 16;

// x: batch × samples × channels, padded
torch::Tensor grouped(const torch::Tensor& x, const torch::Tensor& weight,
                      const torch::Tensor& bias, std::int64_t stride, std::int64_t groups) {
    using Numbers = std::vector<std::int64_t>;
    const torch::Tensor channels_first = x.transpose(1, 2);
    const std::int64_t outputs = (x.size(1) - weight.size(2)) / stride + 1;
    if (outputs < shortest_channels_last) {
        return torch::conv1d(channels_first.contiguous(), weight, bias, Numbers{stride}, Numbers{0},
                             Numbers{1}, groups)
            .transpose(1, 2);
    }
    return torch::conv2d(channels_first.unsqueeze(2), weight.unsqueeze(2), bias, Numbers{1, stride},
                         Numbers{0, 0}, Numbers{1, 1}, groups)
        .squeeze(2)
        .transpose(1, 2);
}

}  // namespace

torch::Tensor Net1dModule::pointwise(const torch::Tensor& x, const std::string& prefix) const {
    return torch::linear(x, tensor(prefix + "conv.weight", x).squeeze(2),
                         tensor(prefix + "conv.bias", x));
}

torch::Tensor Net1dModule::block_channels_last(const torch::Tensor& x,
                                               const Net1dBlock& shape) const {
    torch::Tensor out = pointwise(shape.first ? x : swish(x), shape.prefix + "conv1.");
    out = grouped(padded(swish(out), shape_.kernel, shape.stride),
                  tensor(shape.prefix + "conv2.conv.weight", x),
                  tensor(shape.prefix + "conv2.conv.bias", x), shape.stride, shape.groups);
    out = pointwise(swish(out), shape.prefix + "conv3.");
    torch::Tensor gate = linear(out.mean(1), shape.prefix + "se_fc1.");
    gate = torch::sigmoid(linear(swish(gate), shape.prefix + "se_fc2."));

    torch::Tensor shortcut = x;
    if (shape.stride != 1) {
        shortcut = padded(x, shape.stride, shape.stride);
        shortcut = shortcut.reshape({x.size(0), -1, shape.stride, x.size(2)});
        shortcut = std::get<0>(shortcut.max(2));
    }
    if (shape.in_channels != shape.out_channels) {
        const int extra = shape.out_channels - shape.in_channels;
        shortcut = torch::constant_pad_nd(shortcut, {extra / 2, extra - extra / 2}, 0);
    }
    return torch::addcmul(shortcut, out, gate.unsqueeze(1));
}

torch::Tensor Net1dModule::forward_channels_last(const torch::Tensor& x, bool bfloat16) const {
    torch::Tensor out = (bfloat16 ? x.to(torch::kBFloat16) : x).transpose(1, 2);
    const torch::Tensor weight = tensor("first_conv.conv.weight", out);
    out = padded(out, weight.size(2), shape_.stride).unfold(1, weight.size(2), shape_.stride);
    out = swish(
        torch::linear(out.flatten(2), weight.flatten(1), tensor("first_conv.conv.bias", out)));
    for (const Net1dBlock& shape : blocks_) out = block_channels_last(out, shape);
    out = out.mean(torch::IntArrayRef{1}, false, bfloat16 ? torch::kFloat32 : x.scalar_type());
    return shape_.outputs > 0 ? linear(out, "dense.") : out;
}

}  // namespace clef
