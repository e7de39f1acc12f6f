#include "training/learner.hpp"

#include <cmath>

#include "training/tensors.hpp"

namespace clef {

Learner::Learner(const Model& model, const PretrainOptions& options, const WindowStore& store,
                 unsigned threads, const ProcessGroup* group)
    : options_(options),
      group_(group),
      module_(model.shape),
      encoder_(module_, model.shape, threads),
      head_("head", options.projection_layers, model.shape.embedding_size(),
            options.projection_width, options.projection_size, options.seed),
      alignment_("alignment", options.objective.alignment_size > 0 ? 1 : 0,
                 model.shape.embedding_size(), 0, options.objective.alignment_size, options.seed),
      objective_(make_objective(options.objective)),
      beats_(options.beats.on()
                 ? std::make_unique<BeatHead>(store, model.shape.embedding_size(), options.seed)
                 : nullptr),
      optimiser_(trained_tensors(), options.weight_decay),
      averages_(load_weights(model), options.averaging) {
    for (const auto& [name, tensor] : trained_tensors()) {
        torch::Tensor parameter = tensor;
        parameter.set_requires_grad(true);
    }
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
    return all;
}

ObjectiveResult Learner::loss_of(const torch::Tensor& embeddings, const Batch& batch) const {
    ObjectiveResult result{torch::zeros({}), {}};
    if (options_.objective_weight > 0) {
        result = (*objective_)(
            {head_.forward(embeddings), alignment_.forward(embeddings), batch.clinical});
        result.loss = options_.objective_weight * result.loss;
    }
    if (beats_) {
        const BeatLoss loss = (*beats_)(embeddings, batch.windows);
        result.loss = result.loss + options_.beats.weight * loss.beats +
                      options_.beats.rhythm_weight * loss.rhythm;
        result.parts["beats"] = loss.beats.item<double>();
        result.parts["rhythm"] = loss.rhythm.item<double>();
    }
    return result;
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

StepResult Learner::step(const Batch& batch, double learning_rate) {
    torch::Tensor own = encoder_.forward(batch.views);
    torch::Tensor embeddings = own;
    if (group_ != nullptr) embeddings = group_->gather_views(own).requires_grad_();
    const ObjectiveResult result = loss_of(embeddings, batch);
    const auto loss = result.loss.item<double>();
    if (!std::isfinite(loss)) throw NonFiniteLoss{loss};
    result.loss.backward();
    if (group_ != nullptr) own.mutable_grad() = group_->own_rows(embeddings.grad());
    encoder_.backward(own);
    if (group_ != nullptr) share_gradients();
    if (options_.clip > 0) optimiser_.clip(options_.clip);
    optimiser_.step(learning_rate);
    averages_.update(optimiser_.steps_taken());
    return {loss, result.parts, embeddings.detach()};
}

void Learner::store(Tensors& tensors) const {
    for (const auto& [name, tensor] : trained_tensors()) tensors[name] = to_file_tensor(tensor);
    averages_.store(tensors);
    optimiser_.store(tensors);
    objective_->store(tensors);
}

void Learner::load(const Tensors& tensors, std::int64_t steps_taken) {
    for (const auto& [name, tensor] : trained_tensors()) copy_into(tensor, tensors, name);
    averages_.load(tensors);
    optimiser_.load(tensors, steps_taken);
    objective_->load(tensors);
}

void Learner::store_encoder(Model& model) const {
    module_.store(model);
    averages_.put_into(model.tensors);
}

}  // namespace clef
