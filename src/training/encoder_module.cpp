#include "training/encoder_module.hpp"

#include <numeric>
#include <set>

#include "base/error.hpp"
#include "training/tensors.hpp"

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

EncoderModule::EncoderModule(const std::vector<TensorSpec>& specs) {
    for (const TensorSpec& spec : specs) {
        const auto type = spec.type == ElementType::int64 ? torch::kInt64 : torch::kFloat32;
        torch::Tensor value = torch::zeros(spec.shape, type);
        tensors_[spec.name] = learns(spec.name)
                                  ? register_parameter(registered_name(spec.name), value)
                                  : register_buffer(registered_name(spec.name), value);
    }
}

void EncoderModule::load(const Model& model) {
    check_tensors(model, model.architecture);
    for (auto& [name, tensor] : tensors_) copy_into(tensor, model.tensors, name);
}

void EncoderModule::store(Model& model) const {
    for (const auto& [name, tensor] : tensors_) model.tensors[name] = to_file_tensor(tensor);
}

std::vector<std::pair<std::string, torch::Tensor>> EncoderModule::trained() const {
    std::vector<std::pair<std::string, torch::Tensor>> result;
    for (const auto& [name, tensor] : tensors_) {
        if (learns(name)) result.emplace_back(name, tensor);
    }
    return result;
}

std::vector<std::pair<std::string, torch::Tensor>> EncoderModule::moved() const {
    std::vector<std::pair<std::string, torch::Tensor>> result;
    for (const auto& [name, tensor] : tensors_) {
        if (is_moved(name)) result.emplace_back(name, tensor);
    }
    return result;
}

torch::Tensor EncoderModule::linear(const torch::Tensor& x, const std::string& prefix) const {
    const auto bias = tensors_.find(prefix + "bias");
    return torch::linear(x, tensor(prefix + "weight"),
                         bias == tensors_.end() ? torch::Tensor() : bias->second);
}

std::vector<std::int64_t> EncoderModule::channels_of(const ModuleInput& input) const {
    std::vector<std::int64_t> channels = input.channels;
    const auto leads = static_cast<std::int64_t>(input_leads());
    if (channels.empty()) {
        channels.resize(input_leads());
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
