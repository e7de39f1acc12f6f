#include "training/encoder_module.hpp"

#include <numeric>
#include <set>

#include "base/error.hpp"

namespace clef {

namespace {

bool is_moved(const std::string& name) {
    return name.ends_with("running_mean") || name.ends_with("running_var");
}

// A counter, and MOMENT's positions, are not trained upstream either.
bool learns(const std::string& name) {
    return !is_moved(name) && !name.ends_with("num_batches_tracked") && !name.ends_with(".pe");
}

struct Maker {
    const char* family;
    std::unique_ptr<EncoderModule> (*make)(const nlohmann::json& config);
};

constexpr Maker makers[] = {{"xresnet1d", xresnet1d_module},
                            {"st-mem", st_mem_module},
                            {"moirai", moirai_module},
                            {"moment", moment_module}};

}  // namespace

std::vector<std::string> numbered(const std::string& name, int count) {
    std::vector<std::string> prefixes;
    for (int i = 0; i < count; ++i) prefixes.push_back(fmt::format("{}{}.", name, i));
    return prefixes;
}

EncoderModule::EncoderModule(const std::vector<TensorSpec>& specs, EncoderParts parts)
    : NamedModule(specs, learns), parts_(std::move(parts)) {}

std::size_t EncoderModule::depth_of(const std::string& name) const {
    if (!parts_.behind.empty() && name.starts_with(parts_.behind)) return depth() + 1;
    for (std::size_t b = 0; b < depth(); ++b) {
        if (name.starts_with(parts_.blocks[b])) return b + 1;
    }
    return 0;
}

NamedModule::Named EncoderModule::moved() const {
    Named result;
    for (const auto& [name, tensor] : tensors()) {
        if (is_moved(name)) result.emplace_back(name, tensor);
    }
    return result;
}

torch::Tensor EncoderModule::linear(const torch::Tensor& x, const std::string& prefix) const {
    const auto bias = tensors().find(prefix + "bias");
    return torch::linear(x, tensor(prefix + "weight"),
                         bias == tensors().end() ? torch::Tensor() : bias->second);
}

std::vector<std::int64_t> EncoderModule::channels_of(const ModuleInput& input) const {
    std::vector<std::int64_t> channels = input.channels;
    const std::int64_t leads = parts_.input_leads;
    if (channels.empty()) {
        channels.resize(static_cast<std::size_t>(leads));
        std::iota(channels.begin(), channels.end(), std::int64_t{0});
    }
    if (input.samples.dim() != 3 ||
        input.samples.size(1) != static_cast<std::int64_t>(channels.size())) {
        fail_input("windows of the shape {}; expected batch × {} leads × samples",
                   shape_text(input.samples.sizes().vec()), channels.size());
    }
    std::set<std::int64_t> seen;
    for (const std::int64_t channel : channels) {
        if (channel < 0 || channel >= leads || !seen.insert(channel).second) {
            fail_input("channel {} {}; the encoder has the channels 0 to {}", channel,
                       channel < 0 || channel >= leads ? "does not exist" : "given twice",
                       leads - 1);
        }
    }
    return channels;
}

torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                     double scale, const torch::Tensor& bias) {
    torch::Tensor scores = torch::matmul(q * scale, k.transpose(-1, -2));
    if (bias.defined()) scores = scores + bias;
    return torch::matmul(torch::softmax(scores, -1), v);
}

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
    return x * torch::rsqrt(x.square().mean(-1, true) + epsilon) * weight;
}

torch::Tensor split_heads(const torch::Tensor& x, std::int64_t heads) {
    return x.reshape({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

torch::Tensor join_heads(const torch::Tensor& x) {
    return x.transpose(1, 2).flatten(2);
}

std::unique_ptr<EncoderModule> make_encoder_module(const Model& model) {
    for (const Maker& maker : makers) {
        if (model.family != maker.family) continue;
        std::unique_ptr<EncoderModule> module = maker.make(model.config);
        module->load(model);
        module->eval();
        return module;
    }
    fail_input("{}: architectures of family {} cannot be trained by this program",
               model.architecture, model.family);
}

}  // namespace clef
