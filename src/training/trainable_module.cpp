#include <algorithm>
#include <map>

#include "base/threads.hpp"
#include "training/encoder_module.hpp"
#include "training/trainable_encoder.hpp"

namespace clef {

namespace {

std::span<float> numbers_of(const torch::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

class TrainableModule : public TrainableEncoder {
  public:
    TrainableModule(const Model& encoder, const std::vector<double>& prior, unsigned threads,
                    std::size_t kept_numbers);

    std::size_t embedding_size() const override { return module_->embedding_size(); }
    std::size_t depth() const override { return module_->depth() + 1; }
    std::vector<Parameter> parameters() override;
    void run(const ViewBatch& views, float* outputs) override;
    void learn(const ViewBatch& views, const OfOutputs& of_outputs) override;
    void store(Model& model) const override { module_->store(model); }

  private:
    // Setting a number anew starts threads anew, even where it is the same.
    void use_threads() const {
        if (torch::get_num_threads() != threads_) torch::set_num_threads(threads_);
    }
    torch::Tensor outputs_of(const ViewBatch& views, std::size_t first, std::size_t count);
    std::size_t at_once(const ViewBatch& views) const;
    void add(const std::string& name, torch::Tensor tensor, std::size_t depth);

    struct Entry {
        torch::Tensor tensor;
        torch::Tensor gradient;
        std::size_t depth = 0;
        bool learns = true;
    };
    std::unique_ptr<EncoderModule> module_;
    std::size_t outputs_;
    int threads_;
    std::size_t kept_numbers_;  // at most, by the windows of one part
    std::map<std::string, Entry> entries_;
};

TrainableModule::TrainableModule(const Model& encoder, const std::vector<double>& prior,
                                 unsigned threads, std::size_t kept_numbers)
    : module_(make_encoder_module(encoder)),
      outputs_(prior.size()),
      threads_(static_cast<int>(threads == 0 ? available_threads() : threads)),
      kept_numbers_(kept_numbers) {
    for (const auto& [name, tensor] : module_->trained()) {
        add(name, tensor, module_->depth_of(name));
    }
    for (const auto& [name, tensor] : module_->moved()) {
        entries_[name] = {tensor, torch::zeros_like(tensor), module_->depth_of(name), false};
    }
    const auto rows = static_cast<std::int64_t>(outputs_);
    add("dense.weight", torch::zeros({rows, static_cast<std::int64_t>(embedding_size())}), depth());
    add("dense.bias", torch::tensor(prior, torch::kFloat32), depth());
}

// Gradients are added up in a tensor that stays where it is.
void TrainableModule::add(const std::string& name, torch::Tensor tensor, std::size_t depth) {
    tensor.set_requires_grad(true);
    tensor.mutable_grad() = torch::zeros_like(tensor);
    entries_[name] = {tensor, tensor.grad(), depth, true};
}

std::vector<TrainableEncoder::Parameter> TrainableModule::parameters() {
    std::vector<Parameter> result;
    for (auto& [name, entry] : entries_) {
        const bool decays = entry.learns && entry.tensor.dim() > 1 && !name.ends_with("bias");
        result.push_back({name, numbers_of(entry.tensor), numbers_of(entry.gradient), entry.depth,
                          decays, entry.learns});
    }
    return result;
}

torch::Tensor TrainableModule::outputs_of(const ViewBatch& views, std::size_t first,
                                          std::size_t count) {
    const std::size_t size = views.leads() * views.samples;
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(count),
                                             static_cast<std::int64_t>(views.leads()),
                                             static_cast<std::int64_t>(views.samples)};
    // from_blob does not own the numbers, and nothing writes to them.
    ModuleInput input{
        torch::from_blob(const_cast<float*>(views.values.data() + first * size), shape),
        {views.channels.begin(), views.channels.end()}};
    if (!views.observed.empty()) {
        void* marks = const_cast<std::uint8_t*>(views.observed.data() + first * size);
        input.observed = torch::from_blob(marks, shape, torch::kUInt8).to(torch::kBool);
    }
    const torch::Tensor embeddings = module_->forward(input);
    return torch::linear(embeddings, entries_.at("dense.weight").tensor,
                         entries_.at("dense.bias").tensor);
}

std::size_t TrainableModule::at_once(const ViewBatch& views) const {
    return std::max<std::size_t>(
        1, kept_numbers_ / module_->kept_numbers(views.leads(), views.samples));
}

void TrainableModule::run(const ViewBatch& views, float* outputs) {
    const torch::NoGradGuard no_gradients;
    use_threads();
    module_->eval();
    const std::size_t part = at_once(views);
    for (std::size_t first = 0; first < views.count; first += part) {
        const std::size_t count = std::min(part, views.count - first);
        const torch::Tensor found = outputs_of(views, first, count).contiguous();
        const auto numbers = numbers_of(found);
        std::copy(numbers.begin(), numbers.end(), outputs + first * outputs_);
    }
}

void TrainableModule::learn(const ViewBatch& views, const OfOutputs& of_outputs) {
    use_threads();
    module_->train();
    for (auto& [name, entry] : entries_) entry.gradient.zero_();
    const std::size_t part = module_->mixes_windows() ? views.count : at_once(views);
    for (std::size_t first = 0; first < views.count; first += part) {
        const std::size_t count = std::min(part, views.count - first);
        const torch::Tensor found = outputs_of(views, first, count).contiguous();
        const torch::Tensor gradient = torch::empty_like(found);
        of_outputs(first, count, found.data_ptr<float>(), gradient.data_ptr<float>());
        found.backward(gradient);
    }
}

}  // namespace

std::unique_ptr<TrainableEncoder> trainable_module(const Model& encoder,
                                                   const std::vector<double>& prior,
                                                   unsigned threads, std::size_t kept_numbers) {
    return std::make_unique<TrainableModule>(encoder, prior, threads, kept_numbers);
}

}  // namespace clef
