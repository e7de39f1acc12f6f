#include "training/net1d_module.hpp"

namespace clef {

namespace {

// Batch norms are carried along.
bool is_used(const std::string& name) {
    return name.find("bn") == std::string::npos;
}

}  // namespace

torch::Tensor swish(const torch::Tensor& x) {
    return torch::silu(x);
}

Net1dModule::Net1dModule(const Net1dShape& shape)
    : NamedModule(net1d_tensors(shape), is_used), shape_(shape), blocks_(net1d_blocks(shape)) {}

torch::Tensor Net1dModule::convolve(const torch::Tensor& x, const std::string& prefix, int stride,
                                    int groups) const {
    const torch::Tensor weight = tensor(prefix + "conv.weight", x);
    const torch::Tensor bias = tensor(prefix + "conv.bias", x);
    const auto kernel = static_cast<std::size_t>(weight.size(2));
    if (kernel == 1) {
        // A 1×1 convolution is a matrix product; saying so spares libtorch the copy of im2col.
        return torch::matmul(weight.squeeze(2), x) + bias.unsqueeze(1);
    }
    const SamePadding padding =
        same_padding(static_cast<std::size_t>(x.size(2)), kernel, static_cast<std::size_t>(stride));
    const torch::Tensor padded = torch::constant_pad_nd(
        x, {static_cast<std::int64_t>(padding.left), static_cast<std::int64_t>(padding.right)}, 0);
    const std::vector<std::int64_t> strides{stride};
    const std::vector<std::int64_t> no_padding{0};
    const std::vector<std::int64_t> dilation{1};
    return torch::conv1d(padded, weight, bias, strides, no_padding, dilation, groups);
}

torch::Tensor Net1dModule::linear(const torch::Tensor& x, const std::string& prefix) const {
    return torch::linear(x, tensor(prefix + "weight", x), tensor(prefix + "bias", x));
}

torch::Tensor Net1dModule::block(const torch::Tensor& x, const Net1dBlock& shape) const {
    torch::Tensor out = shape.first ? x : swish(x);
    out = convolve(out, shape.prefix + "conv1.", 1, 1);
    out = convolve(swish(out), shape.prefix + "conv2.", shape.stride, shape.groups);
    out = convolve(swish(out), shape.prefix + "conv3.", 1, 1);
    torch::Tensor gate = linear(out.mean(2), shape.prefix + "se_fc1.");
    gate = torch::sigmoid(linear(swish(gate), shape.prefix + "se_fc2."));

    torch::Tensor shortcut = x;
    if (shape.stride != 1) {
        const auto stride = static_cast<std::size_t>(shape.stride);
        const SamePadding padding =
            same_padding(static_cast<std::size_t>(x.size(2)), stride, stride);
        shortcut = torch::constant_pad_nd(
            x, {static_cast<std::int64_t>(padding.left), static_cast<std::int64_t>(padding.right)},
            0);
        shortcut = torch::max_pool1d(shortcut, shape.stride, shape.stride);
    }
    if (shape.in_channels != shape.out_channels) {
        const int extra = shape.out_channels - shape.in_channels;
        shortcut = torch::constant_pad_nd(shortcut, {0, 0, extra / 2, extra - extra / 2}, 0);
    }
    return torch::addcmul(shortcut, out, gate.unsqueeze(2));
}

torch::Tensor Net1dModule::forward(const torch::Tensor& x, bool bfloat16) {
    torch::Tensor out = bfloat16 ? x.to(torch::kBFloat16) : x;
    out = swish(convolve(out, "first_conv.", shape_.stride, 1));
    for (const Net1dBlock& shape : blocks_) out = block(out, shape);
    out = out.mean(torch::IntArrayRef{2}, false, bfloat16 ? torch::kFloat32 : x.scalar_type());
    return shape_.outputs > 0 ? linear(out, "dense.") : out;
}

torch::Device Net1dModule::device() const {
    return tensors().begin()->second.device();
}

}  // namespace clef
