// ST-MEM's encoder (encoder/st_mem.hpp) for training. The positions learn too, as in the published
// fine-tuning, which gives all of the encoder's parameters to its optimiser.
#include <cmath>

#include "base/error.hpp"
#include "encoder/st_mem.hpp"
#include "training/encoder_module.hpp"

namespace clef {

namespace {

class StMemModule : public EncoderModule {
  public:
    explicit StMemModule(const StMemShape& shape)
        : EncoderModule(st_mem_tensors(shape),
                        {shape.width, shape.input_leads, numbered("block", shape.depth), "norm."}),
          shape_(shape) {}

    torch::Tensor forward(const ModuleInput& input) override;
    std::size_t kept_numbers(std::size_t leads, std::size_t samples) const override;

  private:
    torch::Tensor norm(const torch::Tensor& x, const std::string& prefix) const;
    torch::Tensor embed(const torch::Tensor& samples,
                        const std::vector<std::int64_t>& channels) const;
    torch::Tensor block(const torch::Tensor& x, const std::string& prefix) const;

    StMemShape shape_;
};

torch::Tensor StMemModule::norm(const torch::Tensor& x, const std::string& prefix) const {
    return torch::layer_norm(x, x.size(-1), tensor(prefix + "weight"), tensor(prefix + "bias"),
                             layer_norm_epsilon, false);
}

// batch × leads × (separator, patches, separator) × width
torch::Tensor StMemModule::embed(const torch::Tensor& samples,
                                 const std::vector<std::int64_t>& channels) const {
    const std::int64_t patches = samples.size(2) / shape_.patch;
    torch::Tensor x = samples.reshape({samples.size(0), samples.size(1), patches, shape_.patch});
    x = norm(x, "to_patch_embedding.1.");
    x = norm(linear(x, "to_patch_embedding.2."), "to_patch_embedding.3.");

    const torch::Tensor positions = tensor("pos_embedding")[0];
    x = x + positions.slice(0, 1, patches + 1);
    const auto separator = [&](std::int64_t position) {
        return (tensor("sep_embedding") + positions[position])
            .expand({x.size(0), x.size(1), 1, shape_.width});
    };
    x = torch::cat({separator(0), x, separator(shape_.patches + 1)}, 2);
    std::vector<torch::Tensor> leads;
    for (const std::int64_t channel : channels) {
        leads.push_back(tensor(fmt::format("lead_embeddings.{}", channel)));
    }
    return x + torch::stack(leads).unsqueeze(1);
}

torch::Tensor StMemModule::block(const torch::Tensor& x, const std::string& prefix) const {
    const auto parts = linear(norm(x, prefix + "attn.norm."), prefix + "attn.fn.to_qkv.")
                           .chunk(3, -1);  // queries, keys, values
    const torch::Tensor mixed =
        attend(split_heads(parts[0], shape_.heads), split_heads(parts[1], shape_.heads),
               split_heads(parts[2], shape_.heads), 1 / std::sqrt(double{1} * shape_.head_width));
    const torch::Tensor y = x + linear(join_heads(mixed), prefix + "attn.fn.to_out.0.");
    const torch::Tensor hidden =
        torch::gelu(linear(norm(y, prefix + "ff.norm."), prefix + "ff.fn.net.0."));
    return y + linear(hidden, prefix + "ff.fn.net.3.");
}

torch::Tensor StMemModule::forward(const ModuleInput& input) {
    const std::vector<std::int64_t> channels = channels_of(input);
    const std::int64_t samples = input.samples.size(2);
    const std::int64_t patches = samples / shape_.patch;
    if (samples % shape_.patch != 0 || patches < 1 || patches > shape_.patches) {
        fail_input("a window of {} samples; the encoder takes 1 to {} patches of {} samples each",
                   samples, shape_.patches, shape_.patch);
    }
    torch::Tensor x = embed(input.samples, channels);
    const auto shape = x.sizes().vec();
    x = x.flatten(1, 2);
    for (const std::string& prefix : blocks()) x = block(x, prefix);
    // Without the separators.
    x = x.reshape(shape).slice(2, 1, patches + 1).mean(torch::IntArrayRef{1, 2});
    return norm(x, "norm.");
}

// For each token of a block about ten of its widths, queries, keys and values scaled and not, what
// goes into and comes out of the GELU; for each pair of tokens and head the softmax, in and out.
std::size_t StMemModule::kept_numbers(std::size_t leads, std::size_t samples) const {
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    const std::size_t tokens = leads * (samples / number(shape_.patch) + 2);
    const std::size_t token = 10 * number(shape_.width) + 6 * number(shape_.attention_width()) +
                              2 * number(shape_.hidden) + 2 * number(shape_.heads) * tokens;
    return depth() * tokens * token;
}

}  // namespace

std::unique_ptr<EncoderModule> st_mem_module(const nlohmann::json& config) {
    return std::make_unique<StMemModule>(parse_st_mem(config));
}

}  // namespace clef
