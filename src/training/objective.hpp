// What pretraining minimises. An objective sees a batch of B pairs of views as embeddings of 2B
// rows (rows 0 … B−1 the first views, B … 2B−1 the second views of the same patients, in the same
// order) and what is known of the B patients, and returns the loss.
//
// Adding one: a file with a class behind a make function, and a line in objective.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "training/torch.hpp"

namespace clef {

struct ClinicalBatch {
    std::vector<double> risk;     // fraction 0–1 per patient; NaN where missing
    std::vector<double> missing;  // fraction of the attributes missing per patient, 0–1
};

struct ObjectiveOptions {
    std::string name = "clef";   // clef, infonce
    std::string form = "paper";  // of clef: paper, released, interpolated
    double temperature = 0.07;
    double alpha = 0.2;              // floor of the dissimilarity
    bool missing_mask = true;        // M, the missing-data term of the paper's form
    bool weighted_negatives = true;  // off: L_w is plain InfoNCE
    // Ours: the negatives' weights divided by their mean over the batch (dissimilarity.hpp).
    bool normalise_weights = false;
    double alignment_weight = 1;  // of L_d; 0: off
    // SCORE2 risks are skewed: most patients lie near 0 and their squared differences say little.
    // "rank" compares the patients' ranks in the training cohort instead of the risks.
    std::string risk_scale = "risk";
    int alignment_size = 0;  // L_d acts behind a linear layer of this width; 0: on the embedding
};

struct ObjectiveResult {
    torch::Tensor loss;                   // scalar, differentiable
    std::map<std::string, double> parts;  // for the log
};

class Objective {
  public:
    virtual ~Objective() = default;
    // contrasted: 2B × D, what the contrastive term sees (behind a projection head, where there is
    // one); aligned: 2B × E, what the clinical alignment shapes (the embedding, unless a layer of
    // its own stands between).
    virtual ObjectiveResult operator()(const torch::Tensor& contrasted,
                                       const torch::Tensor& aligned,
                                       const ClinicalBatch& batch) const = 0;
};

std::vector<std::string> objective_names();
// InputError for an unknown name or form, suggesting the right one.
std::unique_ptr<Objective> make_objective(const ObjectiveOptions& options);

}  // namespace clef
