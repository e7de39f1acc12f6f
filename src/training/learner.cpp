#include "training/learner.hpp"

#include <cmath>

#include "training/tensors.hpp"
#include "training/training_device.hpp"

namespace clef {

Learner::Learner(const Model& model, const PretrainOptions& options, const WindowStore& store,
                 unsigned threads, const ProcessGroup* group)
    : options_(options),
      group_(group),
      device_(training_device(options.device, group == nullptr ? 0 : group->local_rank())),
      module_(model.shape),
      encoder_(placed(module_, device_), model.shape, threads, computing_of(options)),
      head_("head", options.projection_layers, model.shape.embedding_size(),
            options.projection_width, options.projection_size, options.seed,
            options.projection_norm == "batch"),
      alignment_("alignment", options.objective.alignment_size > 0 ? 1 : 0,
                 model.shape.embedding_size(), 0, options.objective.alignment_size, options.seed),
      objective_(make_objective(
          options.objective,
          {options.projection_layers > 0 ? options.projection_size : model.shape.embedding_size(),
           options.batch, options.seed, options.projection_norm == "batch", device_})),
      beats_(options.beats.on()
                 ? std::make_unique<BeatHead>(store, model.shape.embedding_size(), options.seed)
                 : nullptr),
      optimiser_(placed_tensors(), options.weight_decay),
      averages_(load_weights(model), options.averaging) {
    if (objective_->uses_momentum_encoder()) {
        momentum_ = std::make_unique<MomentumEncoder>(module_, head_, model.shape, threads,
                                                      computing_of(options));
    }
    for (const auto& [name, tensor] : trained_tensors()) {
        torch::Tensor parameter = tensor;
        parameter.set_requires_grad(true);
    }
}

// All that is trained, moved to the device.
AdamW::Named Learner::placed_tensors() const {
    AdamW::Named all = trained_tensors();
    for (auto& [name, tensor] : all) tensor.set_data(tensor.to(device_));
    return all;
}

AdamW::Named Learner::load_weights(const Model& model) {
    module_.load(model);
    return trained_tensors();
}

AdamW::Named Learner::trained_tensors() const {
    AdamW::Named all = module_.trained();
    for (auto& entry : head_.trained()) all.push_back(std::move(entry));
    for (auto& entry : alignment_.trained()) all.push_back(std::move(entry));
    if (beats_) {
        for (auto& entry : beats_->trained()) all.push_back(std::move(entry));
    }
    for (auto& entry : objective_->trained()) all.push_back(std::move(entry));
    return all;
}

torch::Tensor Learner::momentum_embeddings(const Batch& batch) {
    return momentum_ ? momentum_->embed(batch.views) : torch::Tensor();
}

ObjectiveInputs Learner::inputs_of(const torch::Tensor& embeddings, const torch::Tensor& targets,
                                   const Batch& batch) {
    ObjectiveInputs inputs{head_.forward(embeddings), alignment_.forward(embeddings),
                           batch.clinical};
    if (momentum_) inputs.targets = momentum_->project(targets);
    return inputs;
}

ObjectiveResult Learner::loss_of(const torch::Tensor& embeddings, const ObjectiveInputs& inputs,
                                 const Batch& batch, const BeatTargets* beats) const {
    ObjectiveResult result{torch::zeros({}, embeddings.options()), {}};
    if (options_.objective_weight > 0) {
        result = (*objective_)(inputs);
        result.loss = options_.objective_weight * result.loss;
    }
    if (beats_) {
        const BeatLoss loss = (*beats_)(embeddings, batch.windows, *beats);
        result.loss = result.loss + options_.beats.weight * loss.beats +
                      options_.beats.rhythm_weight * loss.rhythm;
        result.parts["beats"] = loss.beats.item<double>();
        result.parts["rhythm"] = loss.rhythm.item<double>();
    }
    return result;
}

StepResult Learner::learn(const Batch& batch, double share) {
    torch::Tensor own = encoder_.forward(batch.views);
    torch::Tensor embeddings = own;
    torch::Tensor targets = momentum_embeddings(batch);
    if (group_ != nullptr) {
        embeddings = group_->gather_views(own).requires_grad_();
        if (momentum_) targets = group_->gather_views(targets);
    }
    const ObjectiveInputs inputs = inputs_of(embeddings, targets, batch);
    const ObjectiveResult result =
        loss_of(embeddings, inputs, batch, beats_ ? &beats_->targets() : nullptr);
    const auto loss = result.loss.item<double>();
    if (!std::isfinite(loss)) throw NonFiniteLoss{loss};
    (share * result.loss).backward();
    if (group_ != nullptr) own.mutable_grad() = group_->own_rows(embeddings.grad());
    encoder_.backward(own);
    objective_->remember(inputs);
    return {loss, result.parts, embeddings.detach()};
}

// Sums the encoder's gradients over the processes. The heads have seen the whole batch in every
// process: theirs are averaged, which keeps processes on unlike machines from drifting apart.
void Learner::share_gradients() const {
    const std::size_t encoder = module_.trained().size();
    const auto trained = trained_tensors();
    std::vector<torch::Tensor> gradients;
    for (std::size_t i = 0; i < trained.size(); ++i) {
        torch::Tensor gradient = trained[i].second.grad();
        if (!gradient.defined()) continue;
        if (i >= encoder) gradient.div_(group_->size());
        gradients.push_back(gradient);
    }
    group_->sum(gradients);
}

void Learner::update(double learning_rate, double progress) {
    if (group_ != nullptr) share_gradients();
    if (options_.clip > 0) optimiser_.clip(options_.clip);
    optimiser_.step(learning_rate);
    averages_.update(optimiser_.steps_taken());
    if (momentum_) momentum_->follow(objective_->momentum(progress));
}

StepResult Learner::measure(const Batch& batch, const BeatTargets* beats) {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor embeddings = encoder_.embed(batch.views);
    const ObjectiveResult result =
        loss_of(embeddings, inputs_of(embeddings, momentum_embeddings(batch), batch), batch, beats);
    return {result.loss.item<double>(), result.parts, embeddings};
}

void Learner::store(Tensors& tensors) const {
    for (const auto& [name, tensor] : trained_tensors()) tensors[name] = to_file_tensor(tensor);
    averages_.store(tensors);
    optimiser_.store(tensors);
    objective_->store(tensors);
    if (momentum_) momentum_->store(tensors);
}

void Learner::load(const Tensors& tensors, std::int64_t steps_taken) {
    for (const auto& [name, tensor] : trained_tensors()) copy_into(tensor, tensors, name);
    averages_.load(tensors);
    optimiser_.load(tensors, steps_taken);
    objective_->load(tensors);
    if (momentum_) momentum_->load(tensors);
}

void Learner::store_encoder(Model& model) const {
    module_.store(model);
    averages_.put_into(model.tensors);
}

}  // namespace clef
