#include "training/moco_objective.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "training/contrastive.hpp"
#include "training/tensors.hpp"

namespace clef {

namespace {

constexpr const char* queue_name = "objective.queue";
constexpr const char* next_name = "objective.queue_next";

torch::Tensor random_directions(std::int64_t count, std::int64_t size, std::uint64_t seed) {
    torch::Tensor rows = torch::empty({count, size});
    Random random(seed, "queue");
    auto* values = rows.data_ptr<float>();
    for (std::int64_t i = 0; i < rows.numel(); ++i) values[i] = static_cast<float>(random.normal());
    return unit_rows(rows);
}

class MocoObjective : public Objective {
  public:
    MocoObjective(const ObjectiveOptions& options, const ObjectiveSetting& setting)
        : options_(options),
          queue_(random_directions(options.queue, setting.size, setting.seed).to(setting.device)),
          next_(torch::zeros({}, torch::kInt64)) {}

    ObjectiveResult operator()(const ObjectiveInputs& inputs) const override {
        const std::int64_t pairs = inputs.contrasted.size(0) / 2;
        return {moco_loss(inputs.contrasted.narrow(0, 0, pairs), keys_of(inputs), queue_,
                          options_.temperature),
                {}};
    }

    bool uses_momentum_encoder() const override { return true; }
    double momentum(double /*progress*/) const override { return options_.momentum; }

    void remember(const ObjectiveInputs& inputs) override {
        const torch::NoGradGuard no_gradients;
        const torch::Tensor keys = unit_rows(keys_of(inputs));
        const std::int64_t before = next_.item<std::int64_t>();
        const auto whole = queue_.options().dtype(torch::kInt64);
        const torch::Tensor places =
            torch::remainder(torch::arange(before, before + keys.size(0), whole), queue_.size(0));
        queue_.index_copy_(0, places, keys);
        next_.fill_((before + keys.size(0)) % queue_.size(0));
    }

    void store(Tensors& tensors) const override {
        tensors[queue_name] = to_file_tensor(queue_);
        tensors[next_name] = to_file_tensor(next_);
    }
    void load(const Tensors& tensors) override {
        copy_into(queue_, tensors, queue_name);
        copy_into(next_, tensors, next_name);
    }

  private:
    static torch::Tensor keys_of(const ObjectiveInputs& inputs) {
        const std::int64_t pairs = inputs.targets.size(0) / 2;
        return inputs.targets.narrow(0, pairs, pairs);
    }

    ObjectiveOptions options_;
    torch::Tensor queue_;  // K × D
    torch::Tensor next_;   // where the next key goes
};

}  // namespace

torch::Tensor moco_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                        const torch::Tensor& queue, double temperature) {
    const torch::Tensor q = unit_rows(queries);
    const torch::Tensor positive = (q * unit_rows(keys)).sum(1, true);
    const torch::Tensor negatives = torch::matmul(q, unit_rows(queue).t());
    const torch::Tensor logits = torch::cat({positive, negatives}, 1) / temperature;
    return (torch::logsumexp(logits, 1) - logits.select(1, 0)).mean();
}

std::unique_ptr<Objective> make_moco_objective(const ObjectiveOptions& options,
                                               const ObjectiveSetting& setting) {
    if (options.queue < setting.batch) {
        fail_input("objective.queue holds {} keys, a batch has {}; it must hold at least a batch",
                   options.queue, setting.batch);
    }
    return std::make_unique<MocoObjective>(options, setting);
}

}  // namespace clef
