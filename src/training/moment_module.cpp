// MOMENT's encoder (encoder/moment.hpp) for training. The positions are fixed.
#include <limits>

#include "base/error.hpp"
#include "encoder/moment.hpp"
#include "training/encoder_module.hpp"

namespace clef {

namespace {

// (x − mean) ÷ (population deviation + 1e-5) of each lead over its observed samples, in double
// precision.
torch::Tensor scaled(const torch::Tensor& samples, const torch::Tensor& observed) {
    const torch::Tensor x = samples.to(torch::kFloat64);
    const torch::Tensor seen = observed.to(torch::kFloat64);
    const torch::Tensor count = seen.sum(-1, true).clamp_min(1);
    const torch::Tensor mean = (x * seen).sum(-1, true) / count;
    const torch::Tensor variance = ((x - mean).square() * seen).sum(-1, true) / count;
    return ((x - mean) / (variance.sqrt() + moment_deviation_epsilon)).to(samples.scalar_type());
}

class MomentModule : public EncoderModule {
  public:
    explicit MomentModule(const MomentShape& shape)
        : EncoderModule(moment_tensors(shape),
                        {shape.width, shape.input_leads, numbered("encoder.block.", shape.depth),
                         "encoder.final_layer_norm."}),
          shape_(shape) {}

    torch::Tensor forward(const ModuleInput& input) override;
    std::size_t kept_numbers(std::size_t leads, std::size_t samples) const override;

  private:
    torch::Tensor norm(const torch::Tensor& x, const std::string& prefix) const {
        return rms_norm(x, tensor(prefix + "weight"), moment_norm_epsilon);
    }
    torch::Tensor distance_bias(std::int64_t patches) const;
    torch::Tensor block(const torch::Tensor& x, const std::string& prefix,
                        const torch::Tensor& bias) const;

    MomentShape shape_;
};

// heads × patches × patches
torch::Tensor MomentModule::distance_bias(std::int64_t patches) const {
    std::vector<std::int64_t> buckets;
    for (std::int64_t query = 0; query < patches; ++query) {
        for (std::int64_t key = 0; key < patches; ++key) {
            buckets.push_back(static_cast<std::int64_t>(moment_bucket(shape_, key - query)));
        }
    }
    const torch::Tensor& table =
        tensor("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    return table.index({torch::tensor(buckets).to(table.device())})
        .reshape({patches, patches, shape_.heads})
        .permute({2, 0, 1});
}

torch::Tensor MomentModule::block(const torch::Tensor& x, const std::string& prefix,
                                  const torch::Tensor& bias) const {
    const std::string attention = prefix + "layer.0.SelfAttention.";
    const torch::Tensor z = norm(x, prefix + "layer.0.layer_norm.");
    const auto heads = [&](const char* name) {
        return split_heads(linear(z, attention + name), shape_.heads);
    };
    const torch::Tensor mixed = attend(heads("q."), heads("k."), heads("v."), 1, bias);
    const torch::Tensor y = x + linear(join_heads(mixed), attention + "o.");
    const std::string gated = prefix + "layer.1.DenseReluDense.";
    const torch::Tensor hidden = norm(y, prefix + "layer.1.layer_norm.");
    return y + linear(torch::gelu(linear(hidden, gated + "wi_0."), "tanh") *
                          linear(hidden, gated + "wi_1."),
                      gated + "wo.");
}

torch::Tensor MomentModule::forward(const ModuleInput& input) {
    const auto leads = static_cast<std::int64_t>(channels_of(input).size());
    const torch::Tensor& samples = input.samples;
    const std::int64_t batch = samples.size(0);
    const std::int64_t patches = samples.size(2) / shape_.patch;
    if (patches < 1 || patches > shape_.positions) {
        fail_input("a window of {} samples; expected {} to {}, 1 to {} patches of {}",
                   samples.size(2), shape_.patch, shape_.patch * shape_.positions, shape_.positions,
                   shape_.patch);
    }
    const torch::Tensor observed = input.observed.defined()
                                       ? input.observed.to(torch::kBool)
                                       : torch::ones_like(samples, torch::kBool);
    const auto in_patches = [&](const torch::Tensor& x) {
        return x.slice(2, 0, patches * shape_.patch)
            .reshape({batch * leads, patches, shape_.patch});
    };
    const torch::Tensor seen = in_patches(observed).all(2);  // series × patches
    torch::Tensor x =
        linear(in_patches(scaled(samples, observed)), "patch_embedding.value_embedding.");
    x = torch::where(seen.unsqueeze(2), x, tensor("patch_embedding.mask_embedding"));
    x = x + tensor("patch_embedding.position_embedding.pe")[0].slice(0, 0, patches);

    // A series of which nothing is seen does not count; its tokens may look at each other.
    const torch::Tensor own = seen.sum(1, true).to(x.scalar_type());
    const torch::Tensor hidden = seen.logical_not().logical_and(own > 0);
    torch::Tensor bias = distance_bias(patches).unsqueeze(0);
    if (hidden.any().item<bool>()) {
        bias = bias.masked_fill(hidden.unsqueeze(1).unsqueeze(1),
                                -std::numeric_limits<double>::infinity());
    }
    for (const std::string& prefix : blocks()) x = block(x, prefix, bias);
    x = norm(x, "encoder.final_layer_norm.");
    const torch::Tensor shares = seen.to(x.scalar_type()) / own.clamp_min(1);
    const torch::Tensor means =
        (x * shares.unsqueeze(2)).sum(1).reshape({batch, leads, shape_.width});
    const torch::Tensor counted = (own > 0).reshape({batch, leads}).sum(1, true);
    if (counted.min().item<std::int64_t>() == 0) {
        fail_input("a window of {} samples without {} observed ones in a row, a patch",
                   samples.size(2), shape_.patch);
    }
    return means.sum(1) / counted;
}

// As ST-MEM's; tokens attend within their lead.
std::size_t MomentModule::kept_numbers(std::size_t leads, std::size_t samples) const {
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    const std::size_t patches = samples / number(shape_.patch);
    const std::size_t token = 12 * number(shape_.width) + 6 * number(shape_.attention_width()) +
                              5 * number(shape_.hidden) + 3 * number(shape_.heads) * patches;
    return depth() * leads * patches * token;
}

}  // namespace

std::unique_ptr<EncoderModule> moment_module(const nlohmann::json& config) {
    return std::make_unique<MomentModule>(parse_moment(config));
}

}  // namespace clef
