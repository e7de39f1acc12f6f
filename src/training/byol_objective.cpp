#include "training/byol_objective.hpp"

#include <cmath>
#include <numbers>

#include "training/contrastive.hpp"
#include "training/projection.hpp"

namespace clef {

namespace {

class ByolObjective : public Objective {
  public:
    ByolObjective(const ObjectiveOptions& options, const ObjectiveSetting& setting)
        : momentum_(options.momentum),
          predictor_("predictor", 2, setting.size, options.predictor_width, setting.size,
                     setting.seed, setting.batch_norm) {}

    ObjectiveResult operator()(const ObjectiveInputs& inputs) const override {
        return {byol_loss(predictor_.forward(inputs.contrasted), inputs.targets), {}};
    }

    bool uses_momentum_encoder() const override { return true; }
    double momentum(double progress) const override {
        return 1 - (1 - momentum_) * (std::cos(std::numbers::pi * progress) + 1) / 2;
    }
    std::vector<std::pair<std::string, torch::Tensor>> trained() const override {
        return predictor_.trained();
    }

  private:
    double momentum_;
    ProjectionHead predictor_;
};

}  // namespace

torch::Tensor byol_loss(const torch::Tensor& predictions, const torch::Tensor& targets) {
    const std::int64_t pairs = predictions.size(0) / 2;
    const torch::Tensor partners = targets.detach().roll(pairs, 0);
    const torch::Tensor cosines = (unit_rows(predictions) * unit_rows(partners)).sum(1);
    return (2 - 2 * cosines).mean() * 2;
}

std::unique_ptr<Objective> make_byol_objective(const ObjectiveOptions& options,
                                               const ObjectiveSetting& setting) {
    return std::make_unique<ByolObjective>(options, setting);
}

}  // namespace clef
