// What pretraining minimises. An objective sees a batch of B pairs of views as embeddings of 2B
// rows (rows 0 … B−1 the first views, B … 2B−1 the second views of the same patients, in the same
// order) and what is known of the B patients, and returns the loss.
//
// Adding one: a file with a class behind a make function, a line in objective.cpp, its name in
// pretraining/objective_options.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "encoder/tensor.hpp"
#include "pretraining/objective_options.hpp"
#include "training/torch.hpp"

namespace clef {

struct ClinicalBatch {
    std::vector<double> risk;     // fraction 0–1 per patient; NaN where missing
    std::vector<double> missing;  // fraction of the attributes missing per patient, 0–1
};

// Of the whole batch: where several processes share it, each sees all of it.
struct ObjectiveInputs {
    // 2B × D, what the contrast sees: the embedding behind the projection head, where there is one.
    torch::Tensor contrasted;
    // 2B × E, what CLEF's clinical alignment shapes: the embedding, unless a layer of its own
    // stands between.
    torch::Tensor aligned;
    ClinicalBatch clinical = {};
    // 2B × D, the same views through the momentum encoder and its head, without gradients;
    // undefined unless uses_momentum_encoder().
    torch::Tensor targets = {};
};

struct ObjectiveResult {
    torch::Tensor loss;                   // scalar, differentiable
    std::map<std::string, double> parts;  // for the log
};

class Objective {
  public:
    virtual ~Objective() = default;
    // Changes nothing: a validation may ask too.
    virtual ObjectiveResult operator()(const ObjectiveInputs& inputs) const = 0;

    // A second encoder whose weights follow the first's as a running average, t ← m·t + (1 − m)·w
    // after every optimiser step, with its own copy of the projection head.
    virtual bool uses_momentum_encoder() const { return false; }
    // m, `progress` 0 at the first step, towards 1 at the last.
    virtual double momentum(double /*progress*/) const { return 0; }

    // Layers of the objective's own, which the optimiser trains: "predictor.0.weight", …
    virtual std::vector<std::pair<std::string, torch::Tensor>> trained() const { return {}; }

    // Once for every batch trained on, after its gradients: what later steps need of it (a queue).
    virtual void remember(const ObjectiveInputs& /*inputs*/) {}

    // What remember() gathered, into a checkpoint under "objective.NAME", and back to the last bit;
    // an InputError names a tensor that is absent or misshapen (copy_into). Most carry nothing.
    virtual void store(Tensors& /*tensors*/) const {}
    virtual void load(const Tensors& /*tensors*/) {}
};

// What an objective's own state and layers are made for.
struct ObjectiveSetting {
    std::int64_t size = 0;   // D
    std::int64_t batch = 0;  // B
    std::uint64_t seed = 1;
    bool batch_norm = false;             // in its layers
    torch::Device device = torch::kCPU;  // of its state; its layers are moved with the others
};

// InputError for an unknown name or form, suggesting the right one, and for a queue shorter than a
// batch.
std::unique_ptr<Objective> make_objective(const ObjectiveOptions& options,
                                          const ObjectiveSetting& setting = {});

}  // namespace clef
