#include "training/vicreg_objective.hpp"

namespace clef {

namespace {

// Both of one view's projections, B × D; unbiased over the batch.
torch::Tensor variance_of(const torch::Tensor& z) {
    return torch::relu(1 - (z.var(0, true) + 1e-4).sqrt()).mean();
}

torch::Tensor covariance_of(const torch::Tensor& z) {
    const torch::Tensor centred = z - z.mean(0, true);
    const torch::Tensor covariance =
        torch::matmul(centred.t(), centred) / static_cast<double>(z.size(0) - 1);
    const torch::Tensor squares = covariance.square();
    return (squares.sum() - squares.diagonal().sum()) / static_cast<double>(z.size(1));
}

class VicregObjective : public Objective {
  public:
    explicit VicregObjective(const ObjectiveOptions& options) : options_(options) {}

    ObjectiveResult operator()(const ObjectiveInputs& inputs) const override {
        const VicregTerms terms = vicreg_terms(inputs.contrasted);
        return {options_.invariance_weight * terms.invariance +
                    options_.variance_weight * terms.variance +
                    options_.covariance_weight * terms.covariance,
                {{"invariance", terms.invariance.item<double>()},
                 {"variance", terms.variance.item<double>()},
                 {"covariance", terms.covariance.item<double>()}}};
    }

  private:
    ObjectiveOptions options_;
};

}  // namespace

VicregTerms vicreg_terms(const torch::Tensor& projections) {
    const std::int64_t pairs = projections.size(0) / 2;
    const torch::Tensor first = projections.narrow(0, 0, pairs);
    const torch::Tensor second = projections.narrow(0, pairs, pairs);
    return {(first - second).square().mean(), (variance_of(first) + variance_of(second)) / 2,
            covariance_of(first) + covariance_of(second)};
}

std::unique_ptr<Objective> make_vicreg_objective(const ObjectiveOptions& options) {
    return std::make_unique<VicregObjective>(options);
}

}  // namespace clef
