#include "training/clef_objective.hpp"

#include "clinical/dissimilarity.hpp"
#include "training/contrastive.hpp"

namespace clef {

namespace {

// B × B in double → 2B × 2B like `like`: both views of both patients.
torch::Tensor tile(const std::vector<double>& values, std::size_t patients,
                   const torch::Tensor& like) {
    const auto n = static_cast<std::int64_t>(patients);
    const torch::Tensor square = torch::tensor(values, torch::kFloat64).reshape({n, n});
    return square.to(like.options()).repeat({2, 2});
}

class ClefObjective : public Objective {
  public:
    ClefObjective(const ObjectiveOptions& options, PairForm form)
        : options_(options), form_(form) {}

    ObjectiveResult operator()(const ObjectiveInputs& inputs) const override {
        const ClinicalBatch& batch = inputs.clinical;
        const PairWeights pairs = pair_weights(
            batch.risk, batch.missing,
            {form_, options_.alpha, options_.missing_mask, options_.normalise_weights});
        const std::size_t patients = batch.risk.size();
        const torch::Tensor similarities = cosine_similarities(inputs.contrasted);
        const torch::Tensor contrast = contrast_of(similarities, pairs, patients);
        const torch::Tensor geometry = alignment(cosine_similarities(inputs.aligned),
                                                 tile(pairs.similarity, patients, similarities),
                                                 tile(pairs.known, patients, similarities));
        torch::Tensor loss = contrast + options_.alignment_weight * geometry;
        if (form_ == PairForm::released) loss = loss / 2;
        return {loss,
                {{"contrast", contrast.item<double>()}, {"alignment", geometry.item<double>()}}};
    }

  private:
    torch::Tensor contrast_of(const torch::Tensor& similarities, const PairWeights& pairs,
                              std::size_t patients) const {
        if (!options_.weighted_negatives) return info_nce(similarities, options_.temperature);
        const torch::Tensor weights = tile(pairs.weight, patients, similarities);
        return form_ == PairForm::released
                   ? released_info_nce(similarities, weights, options_.temperature)
                   : weighted_info_nce(similarities, weights, options_.temperature);
    }

    ObjectiveOptions options_;
    PairForm form_;
};

}  // namespace

std::unique_ptr<Objective> make_clef_objective(const ObjectiveOptions& options) {
    return std::make_unique<ClefObjective>(options, *parse_pair_form(options.form));
}

}  // namespace clef
