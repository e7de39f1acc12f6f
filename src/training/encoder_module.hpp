// The encoders of other families than net1d as libtorch modules, so that they can be trained: the
// same networks as the runtime's (the families' headers in encoder/ have the structures), with the
// upstream's tensor names. Net1D's is Net1dModule.
//
// To add a family: a class in NAME_module.cpp, its function below and its line in
// encoder_module.cpp.
//
// Nothing is dropped out: ST-MEM's and Moirai's published rates are 0, the 0.1 of the T5 in MOMENT
// is left out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "training/named_module.hpp"

namespace clef {

// Windows that hold the same leads.
struct ModuleInput {
    torch::Tensor samples;  // batch × leads × samples
    // To which of the encoder's leads they belong; empty: all, in their order.
    std::vector<std::int64_t> channels = {};
    // As samples, false where one is missing; undefined: none is. Of use to the families that the
    // runtime's NetworkInput::observed is of use to.
    torch::Tensor observed = {};
};

// What all families have.
struct EncoderParts {
    int embedding_size = 0;
    int input_leads = 0;
    std::vector<std::string> blocks;  // the prefixes of their tensors' names
    std::string behind;               // that of what follows the last of them; empty: nothing
};

// "block0.", "block1.", … for "block".
std::vector<std::string> numbered(const std::string& name, int count);

// Tensors are float32, or float64 after to(torch::kFloat64). Not thread-safe.
class EncoderModule : public NamedModule {
  public:
    // → batch × embedding_size. InputError where the family cannot take so many samples or leads.
    virtual torch::Tensor forward(const ModuleInput& input) = 0;

    std::size_t embedding_size() const { return static_cast<std::size_t>(parts_.embedding_size); }
    // For rates that differ from layer to layer: 0 for what comes before the blocks, 1 … depth()
    // for the blocks, depth() + 1 for what comes behind them.
    std::size_t depth() const { return parts_.blocks.size(); }
    std::size_t depth_of(const std::string& name) const;
    // About as many numbers as a window's way forward keeps for the way back.
    virtual std::size_t kept_numbers(std::size_t leads, std::size_t samples) const = 0;
    // Whether in training mode a window's embedding depends on the others of its batch (batch
    // norm), so that a batch cannot be worked off in parts.
    virtual bool mixes_windows() const { return false; }

    // The tensors that training mode moves by itself (running statistics); none of trained().
    Named moved() const;

  protected:
    // What is not trained upstream is none of the parameters.
    EncoderModule(const std::vector<TensorSpec>& specs, EncoderParts parts);

    const std::vector<std::string>& blocks() const { return parts_.blocks; }
    const torch::Tensor& tensor(const std::string& name) const { return tensors().at(name); }
    // prefix + "weight" and, where there is one, prefix + "bias".
    torch::Tensor linear(const torch::Tensor& x, const std::string& prefix) const;
    // The channels that the input's leads belong to; InputError for too many, or one not there.
    std::vector<std::int64_t> channels_of(const ModuleInput& input) const;

  private:
    EncoderParts parts_;
};

// softmax(q · kᵀ · scale + bias) · v over batch × heads × tokens × head width; bias: broadcast to
// batch × heads × tokens × tokens, or undefined.
torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                     double scale, const torch::Tensor& bias = {});

// x ÷ √(mean of squares + epsilon) · weight, over the last dimension.
torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon);

// Batch × tokens × (heads · width) → batch × heads × tokens × width, and back.
torch::Tensor split_heads(const torch::Tensor& x, std::int64_t heads);
torch::Tensor join_heads(const torch::Tensor& x);

// The families. `config`: the numbers (Model::config).
std::unique_ptr<EncoderModule> xresnet1d_module(const nlohmann::json& config);
std::unique_ptr<EncoderModule> st_mem_module(const nlohmann::json& config);
std::unique_ptr<EncoderModule> moirai_module(const nlohmann::json& config);
std::unique_ptr<EncoderModule> moment_module(const nlohmann::json& config);

// The one of the model's family with the model's tensors, in evaluation mode. InputError for a
// family that has none here.
std::unique_ptr<EncoderModule> make_encoder_module(const Model& model);

}  // namespace clef
