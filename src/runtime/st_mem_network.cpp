// ST-MEM's encoder (encoder/st_mem.hpp) run forward.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "encoder/st_mem.hpp"
#include "runtime/packed_weights.hpp"

namespace clef {

namespace {

using kernels::PackedMatrix;

struct Norm {
    std::vector<float> weight;
    std::vector<float> bias;

    void apply(const float* x, std::size_t rows, float* y) const {
        kernels::layer_norm(x, rows, weight.size(), weight.data(), bias.data(), layer_norm_epsilon,
                            y);
    }
};

struct Block {
    Norm attention_norm;
    PackedMatrix queries_keys_values;
    PackedMatrix attention_output;
    Norm hidden_norm;
    PackedMatrix hidden;
    PackedMatrix hidden_output;
};

// One row per token each.
struct Workspace {
    std::vector<float> patches;
    std::vector<float> tokens;
    std::vector<float> normalised;
    std::vector<float> wide;  // queries, keys and values; hidden values
    std::vector<float> mixed;
    kernels::AttentionScratch attention;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

Norm norm(Weights& weights, const std::string& prefix) {
    return {copied(weights, prefix + "weight"), copied(weights, prefix + "bias")};
}

PackedMatrix linear(Weights& weights, const std::string& prefix) {
    return packed_linear(weights, prefix + "weight", prefix + "bias");
}

class StMemNetwork : public Network {
  public:
    StMemNetwork(const StMemShape& shape, Weights& weights);
    std::size_t output_size() const override { return width(); }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    bool takes_fewer_leads() const override { return true; }
    void run(const NetworkInput& input, std::span<float> output) const override;
    // The tokens of each lead's patches; the norm behind their mean is left out.
    std::vector<float> run_time_steps(const NetworkInput& input) const override;
    std::size_t step_size() const override { return width(); }

  private:
    // All tokens behind the last block, in work.tokens; returns the patches of a lead.
    std::size_t run_blocks(const NetworkInput& input, Workspace& work) const;
    bool is_separator(std::size_t token, std::size_t patches) const {
        const std::size_t place = token % (patches + 2);
        return place == 0 || place == patches + 1;
    }
    std::size_t width() const { return static_cast<std::size_t>(shape_.width); }
    void embed(const NetworkInput& input, std::size_t patches, Workspace& work) const;
    void add_to_token(float* token, const float* content, std::size_t position,
                      std::size_t channel) const;
    void attend(const Block& block, std::size_t count, Workspace& work) const;
    void run_block(const Block& block, std::size_t count, Workspace& work) const;

    StMemShape shape_;
    Norm patch_norm_;
    PackedMatrix patch_embedding_;
    Norm token_norm_;
    std::vector<float> positions_;  // patches + 2 rows
    std::vector<float> separator_;
    std::vector<std::vector<float>> leads_;
    std::vector<Block> blocks_;
    Norm output_norm_;
};

StMemNetwork::StMemNetwork(const StMemShape& shape, Weights& weights)
    : shape_(shape),
      patch_norm_(norm(weights, "to_patch_embedding.1.")),
      patch_embedding_(linear(weights, "to_patch_embedding.2.")),
      token_norm_(norm(weights, "to_patch_embedding.3.")),
      positions_(copied(weights, "pos_embedding")),
      separator_(copied(weights, "sep_embedding")),
      output_norm_(norm(weights, "norm.")) {
    for (int i = 0; i < shape.input_leads; ++i) {
        leads_.push_back(copied(weights, fmt::format("lead_embeddings.{}", i)));
    }
    for (int i = 0; i < shape.depth; ++i) {
        const std::string prefix = fmt::format("block{}.", i);
        blocks_.push_back(
            {norm(weights, prefix + "attn.norm."), linear(weights, prefix + "attn.fn.to_qkv."),
             linear(weights, prefix + "attn.fn.to_out.0."), norm(weights, prefix + "ff.norm."),
             linear(weights, prefix + "ff.fn.net.0."), linear(weights, prefix + "ff.fn.net.3.")});
    }
}

void StMemNetwork::add_to_token(float* token, const float* content, std::size_t position,
                                std::size_t channel) const {
    const float* place = positions_.data() + position * width();
    const std::vector<float>& lead = leads_[channel];
    for (std::size_t i = 0; i < width(); ++i) token[i] = content[i] + place[i] + lead[i];
}

// work.tokens: of every lead, separator, patches, separator.
void StMemNetwork::embed(const NetworkInput& input, std::size_t patches, Workspace& work) const {
    const std::size_t rows = input.channels.size() * patches;
    work.patches.resize(input.samples.size());
    patch_norm_.apply(input.samples.data(), rows, work.patches.data());
    work.mixed.resize(rows * width());
    kernels::multiply(patch_embedding_, work.patches.data(), patch_embedding_.in, rows,
                      work.mixed.data(), width());
    token_norm_.apply(work.mixed.data(), rows, work.mixed.data());

    work.tokens.resize(input.channels.size() * (patches + 2) * width());
    float* token = work.tokens.data();
    const float* patch = work.mixed.data();
    const auto last = static_cast<std::size_t>(shape_.patches) + 1;
    for (const std::size_t channel : input.channels) {
        add_to_token(token, separator_.data(), 0, channel);
        token += width();
        for (std::size_t i = 1; i <= patches; ++i, token += width(), patch += width()) {
            add_to_token(token, patch, i, channel);
        }
        add_to_token(token, separator_.data(), last, channel);
        token += width();
    }
}

// work.normalised → work.mixed. Queries, keys and values lie one behind the other in each row, each
// with its heads one behind the other.
void StMemNetwork::attend(const Block& block, std::size_t count, Workspace& work) const {
    const auto head_width = static_cast<std::size_t>(shape_.head_width);
    const auto heads = static_cast<std::size_t>(shape_.heads);
    const std::size_t inner = heads * head_width;
    work.wide.resize(count * 3 * inner);
    kernels::multiply(block.queries_keys_values, work.normalised.data(), width(), count,
                      work.wide.data(), 3 * inner);
    work.mixed.resize(count * inner);
    const float scale = 1 / std::sqrt(static_cast<float>(head_width));
    for (std::size_t h = 0; h < heads; ++h) {
        const float* q = work.wide.data() + h * head_width;
        kernels::attend({q, q + inner, q + 2 * inner, 3 * inner, count, head_width}, scale, nullptr,
                        work.mixed.data() + h * head_width, inner, work.attention);
    }
}

void StMemNetwork::run_block(const Block& block, std::size_t count, Workspace& work) const {
    const std::size_t size = count * width();
    work.normalised.resize(size);
    block.attention_norm.apply(work.tokens.data(), count, work.normalised.data());
    attend(block, count, work);
    kernels::multiply(block.attention_output, work.mixed.data(), block.attention_output.in, count,
                      work.normalised.data(), width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);

    block.hidden_norm.apply(work.tokens.data(), count, work.normalised.data());
    work.wide.resize(count * block.hidden.out);
    kernels::multiply(block.hidden, work.normalised.data(), width(), count, work.wide.data(),
                      block.hidden.out);
    kernels::gelu(work.wide.data(), work.wide.size());
    kernels::multiply(block.hidden_output, work.wide.data(), block.hidden.out, count,
                      work.normalised.data(), width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);
}

std::size_t StMemNetwork::run_blocks(const NetworkInput& input, Workspace& work) const {
    const auto patch = static_cast<std::size_t>(shape_.patch);
    const auto most = static_cast<std::size_t>(shape_.patches);
    const std::size_t patches = input.length / patch;
    if (input.length % patch != 0 || patches > most) {
        fail_input("a window of {} samples; the encoder takes 1 to {} patches of {} samples each",
                   input.length, most, patch);
    }
    embed(input, patches, work);
    const std::size_t leads = input.channels.size();
    for (const Block& block : blocks_) run_block(block, leads * (patches + 2), work);
    return patches;
}

std::vector<float> StMemNetwork::run_time_steps(const NetworkInput& input) const {
    Workspace& work = workspace();
    const std::size_t patches = run_blocks(input, work);
    std::vector<float> steps;
    for (std::size_t row = 0; row < input.channels.size() * (patches + 2); ++row) {
        if (is_separator(row, patches)) continue;
        const float* token = work.tokens.data() + row * width();
        steps.insert(steps.end(), token, token + width());
    }
    return steps;
}

void StMemNetwork::run(const NetworkInput& input, std::span<float> output) const {
    Workspace& work = workspace();
    const std::size_t patches = run_blocks(input, work);
    const std::size_t leads = input.channels.size();
    std::vector<double> sums(width());
    for (std::size_t row = 0; row < leads * (patches + 2); ++row) {
        if (is_separator(row, patches)) continue;
        const float* token = work.tokens.data() + row * width();
        for (std::size_t i = 0; i < width(); ++i) sums[i] += token[i];
    }
    for (std::size_t i = 0; i < width(); ++i) {
        output[i] = static_cast<float>(sums[i] / static_cast<double>(leads * patches));
    }
    output_norm_.apply(output.data(), 1, output.data());
}

}  // namespace

std::unique_ptr<const Network> st_mem_network(const Model& model, Weights& weights) {
    return std::make_unique<StMemNetwork>(parse_st_mem(model.config), weights);
}

}  // namespace clef
