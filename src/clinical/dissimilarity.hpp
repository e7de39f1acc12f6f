// Pair weights: how strongly two patients are pushed apart in contrastive pretraining, from how far
// apart they are clinically and how much is known of them.
//
// Source: arXiv 2512.02180 (CLEF) and its released code. With risks r, m missing attributes of A:
//   D_ik = (1 − α) · minmax((r_i − r_k)²) + α        dissimilarity, minmax over the batch's pairs
//   M_ik = exp(−((A − m_i)/A) · ((A − m_k)/A))       missing-data term
//   paper         W = D ⊙ M
//   released      W = row-softmax of D with a zero diagonal over both views' columns; missing risks
//                 count as 0; its mask, off by default, is exp(−rate_i · rate_k) with missing rates
//   interpolated  W = ρ·D + (1 − ρ), ρ = (1 − m_i/A)(1 − m_k/A): ours. A pair of which little is
//                 known is treated as plain InfoNCE would; the paper's M does the reverse.
// Pure functions in double precision.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

enum class PairForm { paper, released, interpolated };

std::vector<std::string> pair_form_names();
std::optional<PairForm> parse_pair_form(std::string_view name);

struct PairOptions {
    PairForm form = PairForm::paper;
    double alpha = 0.2;  // floor of D, 0–1
    bool missing_mask =
        true;  // M (paper, released) or ρ (interpolated); off: as if nothing were missing
    // Ours, in neither article nor released code: the weights of the batch's negatives are divided
    // by their mean, so that α, M and the form change how negatives compare with each other, and
    // not how strong all of them together are against the positive. `similarity` stays as it is.
    bool normalise = false;
};

// For B patients, B × B row-major. A loss over 2B views tiles them twice in both directions.
struct PairWeights {
    std::vector<double> weight;      // multiplies the exponential of a negative
    std::vector<double> similarity;  // clinical similarity that the embedding's geometry aligns to
    std::vector<double> known;       // 1 where `similarity` holds, else 0
};

// risk: fraction per patient, NaN where missing; missing: fraction of the attributes missing, 0–1.
//
// Defined corners (paper, interpolated): a pair with a missing risk weighs 1 and its similarity is
// unknown; a batch whose risks are all equal or all missing weighs 1 everywhere and knows nothing
// (plain InfoNCE). A patient is similar to itself: similarity 1.
PairWeights pair_weights(std::span<const double> risk, std::span<const double> missing,
                         const PairOptions& options);

}  // namespace clef
