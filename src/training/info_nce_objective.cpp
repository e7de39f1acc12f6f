#include "training/info_nce_objective.hpp"

#include "training/contrastive.hpp"

namespace clef {

namespace {

class InfoNceObjective : public Objective {
  public:
    explicit InfoNceObjective(double temperature) : temperature_(temperature) {}

    ObjectiveResult operator()(const ObjectiveInputs& inputs) const override {
        return {info_nce(cosine_similarities(inputs.contrasted), temperature_), {}};
    }

  private:
    double temperature_;
};

}  // namespace

std::unique_ptr<Objective> make_info_nce_objective(const ObjectiveOptions& options) {
    return std::make_unique<InfoNceObjective>(options.temperature);
}

}  // namespace clef
