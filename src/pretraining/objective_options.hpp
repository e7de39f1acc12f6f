// What an objective of pretraining is told; training/objective.hpp has what it computes.
#pragma once

#include <string>
#include <vector>

namespace clef {

struct ObjectiveOptions {
    std::string name = "clef";   // objective_names()
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

    int queue = 4096;               // moco: keys kept as negatives
    double momentum = 0.996;        // moco, byol: of the encoder that makes keys and targets
    int predictor_width = 256;      // byol: hidden width of its predictor
    double invariance_weight = 25;  // vicreg: λ,
    double variance_weight = 25;    // μ
    double covariance_weight = 1;   // and ν
};

// Beat prediction beside the objective (training/beat_objective.hpp).
struct BeatOptions {
    double weight = 0;         // of the median beats' loss (Huber, smooth L1); 0 and
    double rhythm_weight = 0;  // of the rhythm's (squared error) 0: off
    bool on() const { return weight > 0 || rhythm_weight > 0; }
};

// clef, infonce, simclr (another name for infonce), moco, byol, vicreg
const std::vector<std::string>& objective_names();

// InputError for an unknown name or form, suggesting the right one, and for impossible numbers.
void check_objective(const ObjectiveOptions& options);

}  // namespace clef
