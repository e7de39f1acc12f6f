// MOMENT's encoder (encoder/moment.hpp) run forward.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "encoder/moment.hpp"
#include "runtime/gated.hpp"
#include "runtime/network.hpp"
#include "runtime/observed_samples.hpp"
#include "runtime/packed_weights.hpp"

namespace clef {

namespace {

using kernels::PackedMatrix;

struct Block {
    std::vector<float> attention_norm;
    PackedMatrix attention_input;  // queries, then keys, then values
    PackedMatrix attention_output;
    std::vector<float> hidden_norm;
    PackedMatrix gate;
    PackedMatrix hidden;
    PackedMatrix hidden_output;
};

// One row per token each, the tokens of the second lead behind those of the first; but for `seen`:
// one entry per token; `bias`: heads × tokens of a lead × tokens of a lead; `masked_bias`: of one
// head.
struct Workspace {
    std::vector<float> patches;
    std::vector<float> tokens;
    std::vector<float> normalised;
    std::vector<float> wide;  // queries, keys and values; gates
    std::vector<float> hidden;
    std::vector<float> mixed;
    std::vector<std::uint8_t> seen;
    std::vector<float> bias;
    std::vector<float> masked_bias;
    kernels::AttentionScratch attention;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

Block block_of(int index, Weights& weights) {
    const std::string attention = fmt::format("encoder.block.{}.layer.0.", index);
    const std::string gated = fmt::format("encoder.block.{}.layer.1.", index);
    return {copied(weights, attention + "layer_norm.weight"),
            packed_together(weights, {attention + "SelfAttention.q.weight",
                                      attention + "SelfAttention.k.weight",
                                      attention + "SelfAttention.v.weight"}),
            packed_linear(weights, attention + "SelfAttention.o.weight"),
            copied(weights, gated + "layer_norm.weight"),
            packed_linear(weights, gated + "DenseReluDense.wi_0.weight"),
            packed_linear(weights, gated + "DenseReluDense.wi_1.weight"),
            packed_linear(weights, gated + "DenseReluDense.wo.weight")};
}

// Of the samples only as many as `scaled` holds are wanted; the statistics are of all.
void scale(std::span<const float> samples, std::span<const std::uint8_t> observed,
           std::span<float> scaled) {
    const ObservedSamples found = observed_samples(samples, observed);
    const double deviation =
        std::sqrt(found.squares / std::max(found.count, 1.0)) + moment_deviation_epsilon;
    std::transform(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(scaled.size()),
                   scaled.begin(), [&](float sample) {
                       return static_cast<float>((sample - found.mean) / deviation);
                   });
}

class MomentNetwork : public Network {
  public:
    MomentNetwork(const MomentShape& shape, Weights& weights);
    std::size_t output_size() const override { return width(); }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    bool takes_fewer_leads() const override { return true; }
    void run(const NetworkInput& input, std::span<float> output) const override;
    // The tokens of each lead's observed patches.
    std::vector<float> run_time_steps(const NetworkInput& input) const override;
    std::size_t step_size() const override { return width(); }

  private:
    // All tokens behind the last norm, in work.tokens; returns the patches of a lead.
    std::size_t run_blocks(const NetworkInput& input, Workspace& work) const;
    std::size_t width() const { return static_cast<std::size_t>(shape_.width); }
    std::size_t heads() const { return static_cast<std::size_t>(shape_.heads); }
    std::size_t head_width() const { return static_cast<std::size_t>(shape_.head_width); }
    std::size_t patch() const { return static_cast<std::size_t>(shape_.patch); }
    std::size_t patches_of(std::size_t samples) const;
    void embed(const NetworkInput& input, std::size_t patches, Workspace& work) const;
    void fill_bias(std::size_t patches, Workspace& work) const;
    void attend(std::size_t lead, std::size_t patches, Workspace& work) const;
    void run_block(const Block& block, std::size_t leads, std::size_t patches,
                   Workspace& work) const;
    void average(std::size_t leads, std::size_t patches, const Workspace& work,
                 std::span<float> output) const;

    MomentShape shape_;
    PackedMatrix patch_layer_;
    std::vector<float> masked_patch_;
    std::vector<float> positions_;
    std::vector<float> distance_bias_;  // buckets × heads
    std::vector<Block> blocks_;
    std::vector<float> output_norm_;
};

MomentNetwork::MomentNetwork(const MomentShape& shape, Weights& weights)
    : shape_(shape),
      patch_layer_(packed_linear(weights, "patch_embedding.value_embedding.weight")),
      masked_patch_(copied(weights, "patch_embedding.mask_embedding")),
      positions_(copied(weights, "patch_embedding.position_embedding.pe")),
      distance_bias_(
          copied(weights, "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")),
      output_norm_(copied(weights, "encoder.final_layer_norm.weight")) {
    for (int i = 0; i < shape.depth; ++i) blocks_.push_back(block_of(i, weights));
}

std::size_t MomentNetwork::patches_of(std::size_t samples) const {
    const std::size_t patches = samples / patch();
    if (patches == 0 || patches > static_cast<std::size_t>(shape_.positions)) {
        fail_input("a window of {} samples; expected {} to {}, 1 to {} patches of {}", samples,
                   patch(), patch() * static_cast<std::size_t>(shape_.positions), shape_.positions,
                   patch());
    }
    return patches;
}

void MomentNetwork::embed(const NetworkInput& input, std::size_t patches, Workspace& work) const {
    const std::size_t leads = input.channels.size();
    const std::size_t used = patches * patch();
    work.patches.resize(leads * used);
    work.seen.assign(leads * patches, 1);
    for (std::size_t lead = 0; lead < leads; ++lead) {
        std::span<const std::uint8_t> observed;
        if (!input.observed.empty()) {
            observed = input.observed.subspan(lead * input.length, input.length);
            for (std::size_t i = 0; i < used; ++i) {
                if (observed[i] == 0) work.seen[lead * patches + i / patch()] = 0;
            }
        }
        scale(input.row(lead), observed, std::span(work.patches).subspan(lead * used, used));
    }
    work.tokens.resize(leads * patches * width());
    kernels::multiply(patch_layer_, work.patches.data(), patch(), leads * patches,
                      work.tokens.data(), width());
    for (std::size_t token = 0; token < leads * patches; ++token) {
        float* row = work.tokens.data() + token * width();
        if (work.seen[token] == 0) std::copy(masked_patch_.begin(), masked_patch_.end(), row);
        kernels::add(positions_.data() + token % patches * width(), row, width());
    }
}

// It depends on the distance alone: each row is a stretch of one list of all distances.
void MomentNetwork::fill_bias(std::size_t patches, Workspace& work) const {
    work.bias.resize(heads() * patches * patches);
    std::vector<std::size_t> buckets;
    for (std::size_t i = 0; i + 1 < 2 * patches; ++i) {
        const auto middle = static_cast<std::ptrdiff_t>(patches) - 1;
        buckets.push_back(moment_bucket(shape_, static_cast<std::ptrdiff_t>(i) - middle));
    }
    std::vector<float> distances(buckets.size());
    for (std::size_t head = 0; head < heads(); ++head) {
        std::transform(buckets.begin(), buckets.end(), distances.begin(),
                       [&](std::size_t bucket) { return distance_bias_[bucket * heads() + head]; });
        for (std::size_t query = 0; query < patches; ++query) {
            std::copy_n(distances.data() + patches - 1 - query, patches,
                        work.bias.data() + (head * patches + query) * patches);
        }
    }
}

void MomentNetwork::attend(std::size_t lead, std::size_t patches, Workspace& work) const {
    const std::size_t inner = heads() * head_width();
    const std::uint8_t* seen = work.seen.data() + lead * patches;
    const bool all_seen = std::all_of(seen, seen + patches, [](auto one) { return one != 0; });
    for (std::size_t head = 0; head < heads(); ++head) {
        const float* bias = work.bias.data() + head * patches * patches;
        if (!all_seen) {
            work.masked_bias.assign(bias, bias + patches * patches);
            for (std::size_t i = 0; i < patches * patches; ++i) {
                if (seen[i % patches] == 0) {
                    work.masked_bias[i] = -std::numeric_limits<float>::infinity();
                }
            }
            bias = work.masked_bias.data();
        }
        const float* q = work.wide.data() + lead * patches * 3 * inner + head * head_width();
        float* mixed = work.mixed.data() + lead * patches * inner + head * head_width();
        kernels::attend({q, q + inner, q + 2 * inner, 3 * inner, patches, head_width()}, 1, bias,
                        mixed, inner, work.attention);
    }
}

void MomentNetwork::run_block(const Block& block, std::size_t leads, std::size_t patches,
                              Workspace& work) const {
    const std::size_t count = leads * patches;
    const std::size_t size = count * width();
    const std::size_t inner = heads() * head_width();
    const auto normalise = [&](const std::vector<float>& norm) {
        work.normalised.resize(size);
        kernels::rms_norm(work.tokens.data(), width(), count, width(), norm.data(),
                          moment_norm_epsilon, work.normalised.data(), width());
    };
    const auto multiply = [&](const PackedMatrix& matrix, const std::vector<float>& x, float* y,
                              std::size_t stride) {
        kernels::multiply(matrix, x.data(), matrix.in, count, y, stride);
    };
    normalise(block.attention_norm);
    work.wide.resize(count * 3 * inner);
    multiply(block.attention_input, work.normalised, work.wide.data(), 3 * inner);
    work.mixed.resize(count * inner);
    for (std::size_t lead = 0; lead < leads; ++lead) attend(lead, patches, work);
    multiply(block.attention_output, work.mixed, work.normalised.data(), width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);

    normalise(block.hidden_norm);
    const std::size_t hidden = block.hidden.out;
    work.wide.resize(count * hidden);
    work.hidden.resize(count * hidden);
    multiply(block.gate, work.normalised, work.wide.data(), hidden);
    multiply(block.hidden, work.normalised, work.hidden.data(), hidden);
    kernels::gelu_gate(work.wide.data(), work.hidden.data(), count * hidden);
    multiply(block.hidden_output, work.wide, work.normalised.data(), width());
    kernels::add(work.normalised.data(), work.tokens.data(), size);
}

void MomentNetwork::average(std::size_t leads, std::size_t patches, const Workspace& work,
                            std::span<float> output) const {
    std::vector<double> means(width());
    std::size_t counted = 0;
    for (std::size_t lead = 0; lead < leads; ++lead) {
        const std::uint8_t* seen = work.seen.data() + lead * patches;
        const auto own = static_cast<std::size_t>(std::count(seen, seen + patches, 1));
        if (own == 0) continue;
        ++counted;
        for (std::size_t i = 0; i < patches; ++i) {
            if (seen[i] == 0) continue;
            const float* row = work.tokens.data() + (lead * patches + i) * width();
            for (std::size_t k = 0; k < width(); ++k) means[k] += row[k] / static_cast<double>(own);
        }
    }
    std::transform(means.begin(), means.end(), output.begin(), [counted](double mean) {
        return static_cast<float>(mean / static_cast<double>(counted));
    });
}

std::size_t MomentNetwork::run_blocks(const NetworkInput& input, Workspace& work) const {
    const std::size_t leads = input.channels.size();
    const std::size_t patches = patches_of(input.length);
    embed(input, patches, work);
    if (std::count(work.seen.begin(), work.seen.end(), 1) == 0) {
        fail_input("a window of {} samples without {} observed ones in a row, a patch",
                   input.length, patch());
    }
    fill_bias(patches, work);
    for (const Block& block : blocks_) run_block(block, leads, patches, work);
    kernels::rms_norm(work.tokens.data(), width(), leads * patches, width(), output_norm_.data(),
                      moment_norm_epsilon, work.tokens.data(), width());
    return patches;
}

std::vector<float> MomentNetwork::run_time_steps(const NetworkInput& input) const {
    Workspace& work = workspace();
    run_blocks(input, work);
    std::vector<float> steps;
    for (std::size_t i = 0; i < work.seen.size(); ++i) {
        if (work.seen[i] == 0) continue;
        const float* token = work.tokens.data() + i * width();
        steps.insert(steps.end(), token, token + width());
    }
    return steps;
}

void MomentNetwork::run(const NetworkInput& input, std::span<float> output) const {
    Workspace& work = workspace();
    const std::size_t patches = run_blocks(input, work);
    average(input.channels.size(), patches, work, output);
}

}  // namespace

std::unique_ptr<const Network> moment_network(const Model& model, Weights& weights) {
    return std::make_unique<MomentNetwork>(parse_moment(model.config), weights);
}

}  // namespace clef
