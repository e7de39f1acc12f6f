// xresnet1d (encoder/xresnet1d.hpp) for training.
//
// Batch norm: in training mode by the batch's own mean and variance, over windows and time, while
// the running ones move a tenth of the way towards them (the variance with n − 1); in evaluation
// mode by the running ones. So KED's authors fine-tune (engine/finetune_fg.py calls train() of the
// whole encoder), and so a network from random weights needs it: its running statistics are still
// 0 and 1. num_batches_tracked, which nothing reads at a fixed momentum, stays as it is.
#include <algorithm>

#include "base/error.hpp"
#include "encoder/xresnet1d.hpp"
#include "training/encoder_module.hpp"

namespace clef {

namespace {

constexpr double momentum = 0.1;  // PyTorch's default

EncoderParts parts_of(const Xresnet1dShape& shape) {
    EncoderParts parts{shape.embedding_size(), shape.input_leads, {}, ""};
    for (const Xresnet1dBlock& block : xresnet1d_blocks(shape)) {
        const std::string& layer = block.path[0].convolution;  // "4.0.convs.0.0."
        parts.blocks.push_back(layer.substr(0, layer.find("convs")));
    }
    return parts;
}

class Xresnet1dModule : public EncoderModule {
  public:
    explicit Xresnet1dModule(const Xresnet1dShape& shape)
        : EncoderModule(xresnet1d_tensors(shape), parts_of(shape)),
          shape_(shape),
          stem_(xresnet1d_stem(shape)),
          blocks_(xresnet1d_blocks(shape)) {}

    torch::Tensor forward(const ModuleInput& input) override;
    std::size_t kept_numbers(std::size_t leads, std::size_t samples) const override;
    bool mixes_windows() const override { return true; }

  private:
    torch::Tensor convolve(const torch::Tensor& x, const Xresnet1dLayer& layer) const;
    torch::Tensor block(const torch::Tensor& x, const Xresnet1dBlock& numbers) const;

    Xresnet1dShape shape_;
    std::vector<Xresnet1dLayer> stem_;
    std::vector<Xresnet1dBlock> blocks_;
};

// A convolution and its norm.
torch::Tensor Xresnet1dModule::convolve(const torch::Tensor& x, const Xresnet1dLayer& layer) const {
    const torch::Tensor y =
        torch::conv1d(x, tensor(layer.convolution + "weight"), {}, torch::IntArrayRef{layer.stride},
                      torch::IntArrayRef{(layer.kernel - 1) / 2});
    if (is_training() && y.size(0) * y.size(2) < 2) {
        fail_input(
            "batch norm learns from more than one value of a channel; a batch of one window of {} "
            "samples leaves one: a larger --batch, or longer crops",
            x.size(2));
    }
    return torch::batch_norm(y, tensor(layer.norm + "weight"), tensor(layer.norm + "bias"),
                             tensor(layer.norm + "running_mean"),
                             tensor(layer.norm + "running_var"), is_training(), momentum,
                             batch_norm_epsilon, false);
}

torch::Tensor Xresnet1dModule::block(const torch::Tensor& x, const Xresnet1dBlock& numbers) const {
    torch::Tensor y = torch::relu(convolve(x, numbers.path[0]));
    y = torch::relu(convolve(y, numbers.path[1]));
    y = convolve(y, numbers.path[2]);
    torch::Tensor identity = x;
    if (numbers.stride == 2) {
        // A last sample without a neighbour stands for itself.
        identity = torch::avg_pool1d(identity, torch::IntArrayRef{2}, torch::IntArrayRef{2},
                                     torch::IntArrayRef{0}, true, false);
    }
    if (!numbers.identity.empty()) identity = convolve(identity, numbers.identity[0]);
    return torch::relu(y + identity);
}

// Leads in their places; those that a window does not hold are zeros.
torch::Tensor Xresnet1dModule::forward(const ModuleInput& input) {
    const std::vector<std::int64_t> channels = channels_of(input);
    torch::Tensor x = input.samples;
    if (!input.channels.empty()) {
        const torch::Tensor zeros =
            torch::zeros({x.size(0), shape_.input_leads, x.size(2)}, x.options());
        x = zeros.index_copy(1, torch::tensor(channels), x);
    }
    for (const Xresnet1dLayer& layer : stem_) x = torch::relu(convolve(x, layer));
    x = torch::max_pool1d(x, 3, 2, 1);
    for (const Xresnet1dBlock& numbers : blocks_) x = block(x, numbers);
    return x.mean(2);
}

// What goes into and comes out of each norm.
std::size_t Xresnet1dModule::kept_numbers(std::size_t, std::size_t samples) const {
    const auto halved = [](std::size_t length) { return (length + 1) / 2; };
    const auto kept = [](const Xresnet1dLayer& layer, std::size_t length) {
        return 3 * static_cast<std::size_t>(layer.out_channels) * length;
    };
    samples = halved(samples);
    std::size_t sum = 0;
    for (const Xresnet1dLayer& layer : stem_) sum += kept(layer, samples);
    samples = halved(samples);
    for (const Xresnet1dBlock& numbers : blocks_) {
        sum += kept(numbers.path[0], samples);
        if (numbers.stride == 2) samples = halved(samples);
        sum += kept(numbers.path[1], samples) + kept(numbers.path[2], samples);
        for (const Xresnet1dLayer& layer : numbers.identity) sum += kept(layer, samples);
    }
    return sum;
}

}  // namespace

std::unique_ptr<EncoderModule> xresnet1d_module(const nlohmann::json& config) {
    return std::make_unique<Xresnet1dModule>(parse_xresnet1d(config));
}

}  // namespace clef
