// What learns in a pretraining run and how one step goes: encoder, heads, objective, optimiser and
// the weights' averages. It knows nothing of files, logs and the run's length (trainer.hpp).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "training/adamw.hpp"
#include "training/batch.hpp"
#include "training/beat_objective.hpp"
#include "training/momentum_encoder.hpp"
#include "training/net1d_module.hpp"
#include "training/process_group.hpp"
#include "training/projection.hpp"
#include "training/trained_encoder.hpp"
#include "training/weight_averages.hpp"

namespace clef {

struct StepResult {
    double loss = 0;
    std::map<std::string, double> parts;  // of the loss, for the log
    torch::Tensor embeddings;             // 2B × E, detached
};

class Learner {
  public:
    // Starts from `model`'s weights. The store gives the beat objective its targets. group: the
    // processes that share every batch, which outlives this; null: this one alone.
    //
    // With several processes, each runs the encoder over the views of its own pairs; the embeddings
    // of all are gathered and every process computes the whole batch's loss on them, so that each
    // objective is what it is with one process. The encoder's gradients are summed.
    Learner(const Model& model, const PretrainOptions& options, const WindowStore& store,
            unsigned threads, const ProcessGroup* group = nullptr);

    // Forward, loss, backward: adds `share` of the batch's gradients to those that update() uses.
    // Throws NonFiniteLoss before anything is changed.
    StepResult learn(const Batch& batch, double share = 1);
    // One optimiser step. progress: 0 at the run's first, towards 1 at its last.
    void update(double learning_rate, double progress);

    // The loss and its parts on a batch that is not learnt from, all of it in this process; `beats`
    // are its beat targets.
    StepResult measure(const Batch& batch, const BeatTargets* beats);
    const BeatHead* beats() const { return beats_.get(); }

    std::int64_t steps_taken() const { return optimiser_.steps_taken(); }

    // Everything that a resumed run needs to go on bit for bit, and back; InputError for a tensor
    // absent or misshapen.
    void store(Tensors& tensors) const;
    void load(const Tensors& tensors, std::int64_t steps_taken);

    // The encoder's weights, averaged where the options say so.
    void store_encoder(Model& model) const;

  private:
    AdamW::Named load_weights(const Model& model);
    AdamW::Named placed_tensors() const;
    AdamW::Named trained_tensors() const;
    torch::Tensor momentum_embeddings(const Batch& batch);  // undefined where there are none
    ObjectiveInputs inputs_of(const torch::Tensor& embeddings, const torch::Tensor& targets,
                              const Batch& batch);
    ObjectiveResult loss_of(const torch::Tensor& embeddings, const ObjectiveInputs& inputs,
                            const Batch& batch, const BeatTargets* beats) const;
    void share_gradients() const;

    PretrainOptions options_;
    const ProcessGroup* group_;
    torch::Device device_;
    Net1dModule module_;
    TrainedEncoder encoder_;
    ProjectionHead head_;
    ProjectionHead alignment_;
    std::unique_ptr<Objective> objective_;
    std::unique_ptr<BeatHead> beats_;  // none where it is off
    AdamW optimiser_;
    WeightAverages averages_;
    std::unique_ptr<MomentumEncoder> momentum_;  // none where the objective has no use for it
};

// The loss of a step is not a number.
struct NonFiniteLoss {
    double loss = 0;
};

}  // namespace clef
