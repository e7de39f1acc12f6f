// Moirai's encoder (encoder/moirai.hpp) for training.
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "encoder/moirai.hpp"
#include "training/encoder_module.hpp"

namespace clef {

namespace {

// cos and sin, each tokens × pairs.
struct Rotation {
    torch::Tensor cosines;
    torch::Tensor sines;
};

// (x − mean) ÷ √(variance + 1e-5) of each lead over its observed samples, in double precision.
torch::Tensor scaled(const torch::Tensor& samples, const torch::Tensor& observed) {
    const torch::Tensor x = samples.to(torch::kFloat64);
    const torch::Tensor seen = observed.to(torch::kFloat64);
    const torch::Tensor count = seen.sum(-1, true);
    const torch::Tensor mean = (x * seen).sum(-1, true) / count.clamp_min(1);
    const torch::Tensor squares = ((x - mean).square() * seen).sum(-1, true);
    const torch::Tensor variance = squares / (count - 1).clamp_min(1);
    return ((x - mean) / (variance + moirai_minimum_variance).sqrt()).to(samples.scalar_type());
}

class MoiraiModule : public EncoderModule {
  public:
    explicit MoiraiModule(const MoiraiShape& shape)
        : EncoderModule(moirai_tensors(shape),
                        {shape.width, shape.input_leads, numbered("encoder.layers.", shape.depth),
                         "encoder.norm."}),
          shape_(shape) {}

    torch::Tensor forward(const ModuleInput& input) override;
    std::size_t kept_numbers(std::size_t leads, std::size_t samples) const override;

  private:
    torch::Tensor embed(const ModuleInput& input, std::int64_t patches) const;
    torch::Tensor padding(const torch::Tensor& observed, std::int64_t patches) const;
    Rotation rotation(std::int64_t leads, std::int64_t patches, const torch::Tensor& like) const;
    torch::Tensor place(const torch::Tensor& x, const std::string& norm,
                        const Rotation& rotation) const;
    torch::Tensor norm(const torch::Tensor& x, const std::string& prefix) const {
        return rms_norm(x, tensor(prefix + "weight"), moirai_norm_epsilon);
    }
    torch::Tensor block(const torch::Tensor& x, const std::string& prefix, const Rotation& rotation,
                        const torch::Tensor& same_lead, const torch::Tensor& padded) const;

    MoiraiShape shape_;
};

// batch × (leads × patches) × width. Zeros, not observed, stand before the first samples.
torch::Tensor MoiraiModule::embed(const ModuleInput& input, std::int64_t patches) const {
    const torch::Tensor& samples = input.samples;
    const std::int64_t before = patches * shape_.patch - samples.size(2);
    const torch::Tensor seen = input.observed.defined() ? input.observed.to(samples.scalar_type())
                                                        : torch::ones_like(samples);
    const torch::Tensor x = scaled(torch::constant_pad_nd(samples, {before, 0}),
                                   torch::constant_pad_nd(seen, {before, 0}));
    const auto index = static_cast<std::int64_t>(shape_.patch_index());
    // What lies behind the patch's size in each row is not used.
    const torch::Tensor weight = tensor("in_proj.weight")[index].slice(1, 0, shape_.patch);
    return torch::linear(x.reshape({x.size(0), x.size(1) * patches, shape_.patch}), weight,
                         tensor("in_proj.bias")[index]);
}

// Tokens of whole patches before the first sample that any lead has: padding, to which no token
// attends and which has no part in the mean (runtime/moirai_input.hpp cuts it off, which is the
// same, as places count by their distances alone). batch × tokens; undefined where there is none.
torch::Tensor MoiraiModule::padding(const torch::Tensor& observed, std::int64_t patches) const {
    if (!observed.defined()) return {};
    const std::int64_t leads = observed.size(1);
    const std::int64_t before = patches * shape_.patch - observed.size(2);
    const torch::Tensor seen = torch::constant_pad_nd(observed.any(1), {before, 0})
                                   .reshape({observed.size(0), patches, shape_.patch})
                                   .any(2);
    const torch::Tensor begun = seen.to(torch::kInt64).cumsum(1) > 0;
    const torch::Tensor padded = begun.logical_not().logical_and(seen.any(1, true));
    if (!padded.any().item<bool>()) return {};
    return padded.repeat({1, leads});
}

// Of each token by its place within its lead.
Rotation MoiraiModule::rotation(std::int64_t leads, std::int64_t patches,
                                const torch::Tensor& like) const {
    const std::int64_t pairs = shape_.head_width / 4;
    const torch::Tensor exponents = torch::arange(pairs, torch::kFloat64) / double(pairs);
    const torch::Tensor waves = torch::pow(moirai_rotation_base, exponents);
    const torch::Tensor angles =
        (torch::arange(patches, torch::kFloat64).unsqueeze(1) / waves).repeat({leads, 1});
    return {torch::cos(angles).to(like.options()), torch::sin(angles).to(like.options())};
}

// Queries or keys: normalised, and the first half of each turned, in pairs of neighbours.
torch::Tensor MoiraiModule::place(const torch::Tensor& x, const std::string& norm_prefix,
                                  const Rotation& rotation) const {
    const torch::Tensor y = norm(x, norm_prefix);
    const std::int64_t half = shape_.head_width / 2;
    const torch::Tensor pairs =
        y.slice(-1, 0, half).reshape({y.size(0), y.size(1), y.size(2), half / 2, 2});
    const torch::Tensor first = pairs.select(-1, 0);
    const torch::Tensor second = pairs.select(-1, 1);
    const torch::Tensor turned = torch::stack({rotation.cosines * first - rotation.sines * second,
                                               rotation.cosines * second + rotation.sines * first},
                                              -1);
    return torch::cat({turned.flatten(-2), y.slice(-1, half)}, -1);
}

torch::Tensor MoiraiModule::block(const torch::Tensor& x, const std::string& prefix,
                                  const Rotation& rotation, const torch::Tensor& same_lead,
                                  const torch::Tensor& padded) const {
    const std::string attention = prefix + "self_attn.";
    const torch::Tensor z = norm(x, prefix + "norm1.");
    const auto heads = [&](const char* name) {
        return split_heads(linear(z, attention + name), shape_.heads);
    };
    const torch::Tensor biases = tensor(attention + "var_attn_bias.emb.weight");  // 2 × heads
    torch::Tensor bias = biases.index({same_lead}).permute({2, 0, 1}).unsqueeze(0);
    if (padded.defined()) {
        bias = bias.masked_fill(padded.unsqueeze(1).unsqueeze(1),
                                -std::numeric_limits<double>::infinity());
    }
    const torch::Tensor mixed =
        attend(place(heads("q_proj."), attention + "q_norm.", rotation),
               place(heads("k_proj."), attention + "k_norm.", rotation), heads("v_proj."),
               1 / std::sqrt(double(shape_.head_width)), bias);
    const torch::Tensor y = x + linear(join_heads(mixed), attention + "out_proj.");
    const torch::Tensor hidden = norm(y, prefix + "norm2.");
    return y + linear(torch::silu(linear(hidden, prefix + "ffn.fc_gate.")) *
                          linear(hidden, prefix + "ffn.fc1."),
                      prefix + "ffn.fc2.");
}

torch::Tensor MoiraiModule::forward(const ModuleInput& input) {
    const auto leads = static_cast<std::int64_t>(channels_of(input).size());
    const std::int64_t patches = (input.samples.size(2) + shape_.patch - 1) / shape_.patch;
    torch::Tensor x = embed(input, patches);
    const Rotation turns = rotation(leads, patches, x);
    const torch::Tensor lead = torch::arange(leads).repeat_interleave(patches);
    const torch::Tensor same_lead = (lead.unsqueeze(0) == lead.unsqueeze(1)).to(torch::kInt64);
    const torch::Tensor padded = padding(input.observed, patches);
    for (const std::string& prefix : blocks()) {
        x = block(x, prefix, turns, same_lead.to(x.device()), padded);
    }
    x = norm(x, "encoder.norm.");
    if (!padded.defined()) return x.mean(1);
    const torch::Tensor kept = padded.logical_not().unsqueeze(2).to(x.scalar_type());
    return (x * kept).sum(1) / kept.sum(1);
}

// As ST-MEM's; queries and keys several times on their way to their places.
std::size_t MoiraiModule::kept_numbers(std::size_t leads, std::size_t samples) const {
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    const std::size_t patch = number(shape_.patch);
    const std::size_t tokens = leads * ((samples + patch - 1) / patch);
    const std::size_t token = 12 * number(shape_.width) + 16 * number(shape_.attention_width()) +
                              5 * number(shape_.hidden) + 3 * number(shape_.heads) * tokens;
    return depth() * tokens * token;
}

}  // namespace

std::unique_ptr<EncoderModule> moirai_module(const nlohmann::json& config) {
    return std::make_unique<MoiraiModule>(parse_moirai(config));
}

}  // namespace clef
