// Fine-tuning: the whole encoder and a linear head on its embedding, trained on a task's answers.
// From pretrained weights it is the protocol `finetune`, from random ones `scratch`: the same steps
// either way.
//
//   each epoch  every training recording once, with one of its windows drawn by (seed, epoch,
//               recording), whole or a random crop of `crop_seconds`, normalised anew; of a
//               recording padded in front (Window::observed) none lies before its first sample
//               unless it ends with its last, and padding is not normalised
//   loss        task_loss.hpp; the head starts without weights, at the training prevalences
//   steps       step_training.hpp: AdamW, warm-up, cosine, early stopping on the validation loss
//   rates       head: the learning rate; block b of B counted from the stem: times
//               layer_decay^(B − b), the stem lowest (as BERT's and MAE's fine-tuning)
//   prediction  outputs of a recording's whole windows averaged, then sigmoid or softmax
//
// Encoders of every family: trainable_encoder.hpp has the two ways in which they learn, and for
// which of them results do not depend on the number of threads. Weights decay, vectors (biases,
// norms) do not. Running statistics of a batch norm move with each step, and are kept with the
// weights of the best epoch. A dense layer that the model has is left out.
#pragma once

#include <memory>

#include "encoder/model.hpp"
#include "evaluation/step_training.hpp"
#include "evaluation/window_set.hpp"
#include "training/trainable_encoder.hpp"

namespace clef {

struct FineTuneOptions {
    StepTrainingOptions steps;
    double layer_decay = 1;                        // 1: all layers at one rate
    double crop_seconds = 0;                       // 0: whole windows in training too
    double train_fraction = 1;                     // label_fraction.hpp; the seed is the steps' own
    std::size_t kept_numbers = most_kept_numbers;  // by the windows of one part of a batch
    ScoringOptions scoring;
};

// `windows` is parallel to the rows and targets. The result's `encoder` is the one of the best
// epoch, without a dense layer, and `head` its last layer. Errors as linear_probe.
TaskResult fine_tune(const Model& encoder, const WindowSet& windows, const EvaluationRows& rows,
                     const Task& task, const Targets& targets, const FineTuneOptions& options = {});

// The encoder with a dense layer of `outputs`, as it learns: exposed for its gradient test.
class FineTuner : public Learnable {
  public:
    // Everything given outlives this.
    FineTuner(const Model& encoder, const WindowSet& windows, const TaskLoss& loss,
              const FineTuneOptions& options);
    ~FineTuner() override;

    std::vector<ParameterBlock> parameters() override;
    double learn(std::span<const std::size_t> rows, int epoch) override;
    double measure(std::span<const std::size_t> rows) override;
    // Means over the whole windows of each row's recording, before any activation.
    Matrix outputs(std::span<const std::size_t> rows);
    // The tensors as they are now: those of `encoder` without a dense layer; and the head.
    Model model() const;
    LinearHead head(TaskKind kind) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace clef
