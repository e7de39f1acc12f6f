// Moirai's encoder (encoder/moirai.hpp) run forward.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "encoder/moirai.hpp"
#include "runtime/gated.hpp"
#include "runtime/moirai_input.hpp"
#include "runtime/packed_weights.hpp"

namespace clef {

namespace {

using kernels::PackedMatrix;

struct Block {
    std::vector<float> lead_bias;  // of each head: another lead, then the same
    std::vector<float> attention_norm;
    PackedMatrix attention_input;  // queries, then keys, then values
    std::vector<float> query_norm;
    std::vector<float> key_norm;
    PackedMatrix attention_output;
    std::vector<float> hidden_norm;
    PackedMatrix gate;
    PackedMatrix hidden;
    PackedMatrix hidden_output;
};

// One row per token each, but for `rotation`: of each patch of a lead, cosines and sines; and
// `bias`: tokens × tokens.
struct Workspace {
    std::vector<float> patches;
    std::vector<float> tokens;
    std::vector<float> normalised;
    std::vector<float> wide;  // queries, keys and values; gates
    std::vector<float> hidden;
    std::vector<float> mixed;
    std::vector<float> rotation;
    std::vector<float> bias;
    kernels::AttentionScratch attention;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

// The layer of the patch size in use; what lies behind its size in each row is not used.
PackedMatrix patch_layer(const MoiraiShape& shape, Weights& weights) {
    const Tensor& weight = weights.at("in_proj.weight");
    const auto width = static_cast<std::size_t>(shape.width);
    const auto longest = static_cast<std::size_t>(weight.shape[2]);
    const std::size_t index = shape.patch_index();
    PackedMatrix packed;
    kernels::pack_rows(packed, weight.floats().data() + index * width * longest, longest, width,
                       static_cast<std::size_t>(shape.patch));
    const auto bias = weights.at("in_proj.bias").floats().subspan(index * width, width);
    std::copy(bias.begin(), bias.end(), packed.bias.begin());
    weights.done_with("in_proj.weight");
    return packed;
}

Block block_of(const std::string& prefix, Weights& weights) {
    const std::string attention = prefix + "self_attn.";
    return {copied(weights, attention + "var_attn_bias.emb.weight"),
            copied(weights, prefix + "norm1.weight"),
            packed_together(weights, {attention + "q_proj.weight", attention + "k_proj.weight",
                                      attention + "v_proj.weight"}),
            copied(weights, attention + "q_norm.weight"),
            copied(weights, attention + "k_norm.weight"),
            packed_linear(weights, attention + "out_proj.weight"),
            copied(weights, prefix + "norm2.weight"),
            packed_linear(weights, prefix + "ffn.fc_gate.weight"),
            packed_linear(weights, prefix + "ffn.fc1.weight"),
            packed_linear(weights, prefix + "ffn.fc2.weight")};
}

class MoiraiNetwork : public Network {
  public:
    MoiraiNetwork(const MoiraiShape& shape, Weights& weights);
    std::size_t output_size() const override { return width(); }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    bool takes_fewer_leads() const override { return true; }
    void run(const NetworkInput& input, std::span<float> output) const override;
    // The tokens of each lead's patches.
    std::vector<float> run_time_steps(const NetworkInput& input) const override;
    std::size_t step_size() const override { return width(); }

  private:
    // All tokens behind the last norm, in work.tokens; returns their number.
    std::size_t run_blocks(const NetworkInput& input, Workspace& work) const;
    std::size_t width() const { return static_cast<std::size_t>(shape_.width); }
    std::size_t head_width() const { return static_cast<std::size_t>(shape_.head_width); }
    std::size_t run_window(const NetworkInput& input, Workspace& work) const;
    void embed(const NetworkInput& input, std::size_t patches, Workspace& work) const;
    void fill_rotation(std::size_t patches, Workspace& work) const;
    void place(float* rows, std::size_t count, std::size_t patches, const float* norm,
               const Workspace& work) const;
    const float* lead_bias(const Block& block, std::size_t head, std::size_t count,
                           std::size_t patches, Workspace& work) const;
    void attend(const Block& block, std::size_t count, std::size_t patches, Workspace& work) const;
    void run_block(const Block& block, std::size_t count, std::size_t patches,
                   Workspace& work) const;

    MoiraiShape shape_;
    PackedMatrix patch_layer_;
    std::vector<Block> blocks_;
    std::vector<float> output_norm_;
};

MoiraiNetwork::MoiraiNetwork(const MoiraiShape& shape, Weights& weights)
    : shape_(shape),
      patch_layer_(patch_layer(shape, weights)),
      output_norm_(copied(weights, "encoder.norm.weight")) {
    for (int i = 0; i < shape.depth; ++i) {
        blocks_.push_back(block_of(fmt::format("encoder.layers.{}.", i), weights));
    }
}

void MoiraiNetwork::embed(const NetworkInput& input, std::size_t patches, Workspace& work) const {
    const std::size_t leads = input.channels.size();
    const std::size_t padded = patches * patch_layer_.in;
    const std::size_t before = padded - input.length;
    work.patches.resize(leads * padded);
    // What stands before is zero before it is scaled.
    std::vector<float> samples(padded);
    std::vector<std::uint8_t> observed(padded);
    std::fill(observed.begin() + static_cast<std::ptrdiff_t>(before), observed.end(), 1);
    for (std::size_t lead = 0; lead < leads; ++lead) {
        std::copy_n(input.row(lead).data(), input.length, samples.data() + before);
        if (!input.observed.empty()) {
            std::copy_n(input.observed.data() + lead * input.length, input.length,
                        observed.data() + before);
        }
        moirai_scale(samples, observed, work.patches.data() + lead * padded);
    }
    work.tokens.resize(leads * patches * width());
    kernels::multiply(patch_layer_, work.patches.data(), patch_layer_.in, leads * patches,
                      work.tokens.data(), width());
}

void MoiraiNetwork::fill_rotation(std::size_t patches, Workspace& work) const {
    const std::size_t pairs = head_width() / 4;
    work.rotation.resize(patches * 2 * pairs);
    for (std::size_t i = 0; i < patches; ++i) {
        for (std::size_t pair = 0; pair < pairs; ++pair) {
            const double exponent = static_cast<double>(pair) / static_cast<double>(pairs);
            const double angle = static_cast<double>(i) / std::pow(moirai_rotation_base, exponent);
            float* entry = work.rotation.data() + 2 * (i * pairs + pair);
            entry[0] = static_cast<float>(std::cos(angle));
            entry[1] = static_cast<float>(std::sin(angle));
        }
    }
}

// One head's queries or keys, a row per token, normalised and rotated in place.
void MoiraiNetwork::place(float* rows, std::size_t count, std::size_t patches, const float* norm,
                          const Workspace& work) const {
    const std::size_t stride = 3 * blocks_.front().attention_output.in;
    kernels::rms_norm(rows, stride, count, head_width(), norm, moirai_norm_epsilon, rows, stride);
    const std::size_t pairs = head_width() / 4;
    for (std::size_t token = 0; token < count; ++token, rows += stride) {
        const float* entry = work.rotation.data() + 2 * pairs * (token % patches);
        for (std::size_t pair = 0; pair < pairs; ++pair, entry += 2) {
            const float x = rows[2 * pair];
            const float y = rows[2 * pair + 1];
            rows[2 * pair] = entry[0] * x - entry[1] * y;
            rows[2 * pair + 1] = entry[0] * y + entry[1] * x;
        }
    }
}

// Of one lead alone it would move all scores alike, which changes nothing: nullptr.
const float* MoiraiNetwork::lead_bias(const Block& block, std::size_t head, std::size_t count,
                                      std::size_t patches, Workspace& work) const {
    if (count == patches) return nullptr;
    const auto heads = static_cast<std::size_t>(shape_.heads);
    const float other = block.lead_bias[head];
    const float same = block.lead_bias[heads + head];
    work.bias.assign(count * count, other);
    for (std::size_t row = 0; row < count; ++row) {
        const std::size_t first = row / patches * patches;
        std::fill_n(work.bias.data() + row * count + first, patches, same);
    }
    return work.bias.data();
}

// work.normalised → work.mixed. Queries, keys and values lie one behind the other in each row, each
// with its heads one behind the other.
void MoiraiNetwork::attend(const Block& block, std::size_t count, std::size_t patches,
                           Workspace& work) const {
    const std::size_t inner = block.attention_output.in;
    work.wide.resize(count * 3 * inner);
    float* wide = work.wide.data();
    const float* x = work.normalised.data();
    kernels::multiply(block.attention_input, x, width(), count, wide, 3 * inner);
    work.mixed.resize(count * inner);
    const float factor = 1 / std::sqrt(static_cast<float>(head_width()));
    for (std::size_t h = 0; h < static_cast<std::size_t>(shape_.heads); ++h) {
        float* q = wide + h * head_width();
        place(q, count, patches, block.query_norm.data(), work);
        place(q + inner, count, patches, block.key_norm.data(), work);
        kernels::attend({q, q + inner, q + 2 * inner, 3 * inner, count, head_width()}, factor,
                        lead_bias(block, h, count, patches, work),
                        work.mixed.data() + h * head_width(), inner, work.attention);
    }
}

void MoiraiNetwork::run_block(const Block& block, std::size_t count, std::size_t patches,
                              Workspace& work) const {
    const std::size_t size = count * width();
    const auto normalise = [&](const std::vector<float>& norm) {
        work.normalised.resize(size);
        kernels::rms_norm(work.tokens.data(), width(), count, width(), norm.data(),
                          moirai_norm_epsilon, work.normalised.data(), width());
    };
    normalise(block.attention_norm);
    attend(block, count, patches, work);
    kernels::multiply(block.attention_output, work.mixed.data(), block.attention_output.in, count,
                      work.normalised.data(), width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);

    normalise(block.hidden_norm);
    const std::size_t hidden = block.hidden.out;
    work.wide.resize(count * hidden);
    work.hidden.resize(count * hidden);
    kernels::multiply(block.gate, work.normalised.data(), width(), count, work.wide.data(), hidden);
    kernels::multiply(block.hidden, work.normalised.data(), width(), count, work.hidden.data(),
                      hidden);
    kernels::silu_gate(work.wide.data(), work.hidden.data(), count * hidden);
    kernels::multiply(block.hidden_output, work.wide.data(), hidden, count, work.normalised.data(),
                      width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);
}

std::size_t MoiraiNetwork::run_blocks(const NetworkInput& input, Workspace& work) const {
    if (input.observed.empty()) return run_window(input, work);
    const MoiraiInput kept(input, patch_layer_.in);
    return run_window(kept.view(), work);
}

std::size_t MoiraiNetwork::run_window(const NetworkInput& input, Workspace& work) const {
    const std::size_t patches = (input.length + patch_layer_.in - 1) / patch_layer_.in;
    const std::size_t count = input.channels.size() * patches;
    embed(input, patches, work);
    fill_rotation(patches, work);
    for (const Block& block : blocks_) run_block(block, count, patches, work);
    kernels::rms_norm(work.tokens.data(), width(), count, width(), output_norm_.data(),
                      moirai_norm_epsilon, work.tokens.data(), width());
    return count;
}

std::vector<float> MoiraiNetwork::run_time_steps(const NetworkInput& input) const {
    Workspace& work = workspace();
    const auto size = static_cast<std::ptrdiff_t>(run_blocks(input, work) * width());
    return {work.tokens.begin(), work.tokens.begin() + size};
}

void MoiraiNetwork::run(const NetworkInput& input, std::span<float> output) const {
    Workspace& work = workspace();
    const std::size_t count = run_blocks(input, work);
    std::vector<double> sums(width());
    for (std::size_t i = 0; i < count * width(); ++i) sums[i % width()] += work.tokens[i];
    std::transform(sums.begin(), sums.end(), output.begin(), [count](double sum) {
        return static_cast<float>(sum / static_cast<double>(count));
    });
}

}  // namespace

std::unique_ptr<const Network> moirai_network(const Model& model, Weights& weights) {
    return std::make_unique<MoiraiNetwork>(parse_moirai(model.config), weights);
}

}  // namespace clef
