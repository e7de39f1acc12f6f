#include "encoder/onnx/net1d_graph.hpp"

#include "base/error.hpp"

namespace clef::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

std::int64_t signed_size(std::size_t value) {
    return static_cast<std::int64_t>(value);
}

// Follows a value through the network: `current_` is its name, `samples_` its length where known.
class Net1dBuilder {
  public:
    Net1dBuilder(Graph& graph, const Model& model, std::optional<std::size_t> samples)
        : graph_(graph), model_(model), samples_(samples) {}

    void build(const std::string& input, const std::string& output) {
        const Net1dShape& shape = model_.shape;
        std::string x = swish(convolution(input, "first_conv", 1, shape.stride));
        for (const Net1dBlock& block : net1d_blocks(shape)) x = add_block(x, block);
        if (shape.outputs == 0) {
            mean_over_time(x, output);
        } else {
            linear(mean_over_time(x, "embedding"), "dense", output);
        }
    }

  private:
    std::string weight(const std::string& name) {
        return graph_.weight(name, model_.tensors.at(name));
    }

    // Where the length is known the paddings are written out, and the length goes on.
    std::string convolution(const std::string& x, const std::string& prefix, int groups,
                            int stride) {
        const Tensor& kernel = model_.tensors.at(prefix + ".conv.weight");
        Attributes attributes = {{"group", std::int64_t{groups}},
                                 {"strides", Integers{stride}},
                                 {"kernel_shape", Integers{kernel.shape.at(2)}}};
        if (samples_) {
            const SamePadding padding =
                same_padding(*samples_, static_cast<std::size_t>(kernel.shape[2]),
                             static_cast<std::size_t>(stride));
            attributes.emplace("pads",
                               Integers{signed_size(padding.left), signed_size(padding.right)});
            samples_ = padding.output;
        } else {
            attributes.emplace("auto_pad", std::string("SAME_UPPER"));
        }
        return graph_.add("Conv",
                          {x, weight(prefix + ".conv.weight"), weight(prefix + ".conv.bias")},
                          prefix, attributes);
    }

    std::string swish(const std::string& x) {
        const std::string gate = graph_.add("Sigmoid", {x}, x + ".sigmoid");
        return graph_.add("Mul", {x, gate}, x + ".swish");
    }

    std::string mean_over_time(const std::string& x, const std::string& name) {
        return graph_.add("ReduceMean", {x}, name,
                          {{"axes", Integers{2}}, {"keepdims", std::int64_t{0}}});
    }

    std::string linear(const std::string& x, const std::string& prefix, const std::string& name) {
        return graph_.add("Gemm", {x, weight(prefix + ".weight"), weight(prefix + ".bias")}, name,
                          {{"transB", std::int64_t{1}}});
    }

    // Zeros around the channels and around the samples, then the pool: ONNX's own padding of a pool
    // is −∞, and the network's is zero.
    std::string shortcut(const std::string& x, const Net1dBlock& block,
                         std::optional<std::size_t> samples) {
        const int channels = block.out_channels - block.in_channels;
        SamePadding time{0, 0, block.stride == 2 ? std::size_t{1} : 0};
        const auto stride = static_cast<std::size_t>(block.stride);
        if (samples) time = same_padding(*samples, stride, stride);
        // Of an even length the pool leaves that one zero out.
        std::string padded = x;
        if (channels > 0 || time.left + time.right > 0) {
            const std::string pads = graph_.integers(
                block.prefix + "shortcut.pads", {0, channels / 2, signed_size(time.left), 0,
                                                 channels - channels / 2, signed_size(time.right)});
            padded = graph_.add("Pad", {x, pads}, block.prefix + "shortcut.padded");
        }
        if (block.stride == 1) return padded;
        return graph_.add(
            "MaxPool", {padded}, block.prefix + "shortcut",
            {{"kernel_shape", Integers{block.stride}}, {"strides", Integers{block.stride}}});
    }

    // The factor for each channel, batch × channels × 1.
    std::string excitation(const std::string& x, const std::string& prefix) {
        const std::string squeezed = mean_over_time(x, prefix + "se_mean");
        const std::string hidden = swish(linear(squeezed, prefix + "se_fc1", prefix + "se_fc1"));
        const std::string factors = graph_.add(
            "Sigmoid", {linear(hidden, prefix + "se_fc2", prefix + "se_fc2")}, prefix + "se");
        return graph_.add("Unsqueeze", {factors, graph_.integers("last_axis", {2})},
                          prefix + "se_factors");
    }

    std::string add_block(const std::string& x, const Net1dBlock& block) {
        const std::string& prefix = block.prefix;
        const std::optional<std::size_t> samples = samples_;
        std::string y = block.first ? x : swish(x);
        y = swish(convolution(y, prefix + "conv1", 1, 1));
        y = swish(convolution(y, prefix + "conv2", block.groups, block.stride));
        y = convolution(y, prefix + "conv3", 1, 1);
        y = graph_.add("Mul", {y, excitation(y, prefix)}, prefix + "scaled");
        const bool same = block.stride == 1 && block.in_channels == block.out_channels;
        return graph_.add("Add", {y, same ? x : shortcut(x, block, samples)}, prefix + "sum");
    }

    Graph& graph_;
    const Model& model_;
    std::optional<std::size_t> samples_;
};

}  // namespace

void add_net1d(Graph& graph, const Model& model, const std::string& input,
               const std::string& output, std::optional<std::size_t> samples) {
    if (!samples && model.shape.stride > 2) {
        fail_input(
            "{}: with a stride of {} the graph needs a fixed window; leave --dynamic-window "
            "out",
            model.architecture, model.shape.stride);
    }
    Net1dBuilder(graph, model, samples).build(input, output);
}

}  // namespace clef::onnx
