// MOMENT's encoder (Goswami et al., "MOMENT: A Family of Open Time-series Foundation Models",
// ICML 2024, arXiv 2402.03885) as numbers: the encoder of T5 (Raffel et al., JMLR 21, 2020) over
// the patches of one series; leads are series of their own.
//
//   each lead: (x − mean) ÷ (population deviation + 1e-5), over its observed samples
//   patches from the first sample on; what is left behind the last whole one is not looked at
//   a patch all of whose samples are observed → linear layer without bias; any other → the masked
//     patch's embedding, and no token attends to it; + the position's row, as stored
//   depth × (x + attention(RMS norm(x)); x + gated(RMS norm(x))), then an RMS norm; no biases
//   attention: scores without a scale, + per head one number for the distance from query to key,
//     by buckets: half of them for keys behind the query; of each half the first half for one
//     distance each, the others growing with its logarithm up to `farthest`, one for all beyond
//   gated: wo(GELU(wi_0 x) · wi_1 x), GELU by its tanh form
//   embedding: mean over the observed patches of each lead, then over leads
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct MomentShape {
    int input_leads = 12;  // at most: a window may hold fewer
    int patch = 8;         // samples
    int positions = 5000;  // of patches of a lead, at most
    int buckets = 32;      // of distances between tokens
    int farthest = 128;    // the distance from which on all are alike
    int width = 768;
    int depth = 12;
    int heads = 12;
    int head_width = 64;
    int hidden = 2048;

    bool operator==(const MomentShape&) const = default;
    int attention_width() const { return heads * head_width; }
};

// momentfm 0.1.4, models/layers/revin.py; transformers 4.33, T5Config's layer_norm_epsilon.
inline constexpr double moment_deviation_epsilon = 1e-5;
inline constexpr double moment_norm_epsilon = 1e-6;

// The bucket of a key `distance` tokens behind its query (negative: before it).
std::size_t moment_bucket(const MomentShape& shape, std::ptrdiff_t distance);

// Every tensor that an embedding needs, under its upstream name.
std::vector<TensorSpec> moment_tensors(const MomentShape& shape);
// Trained numbers: the positions are fixed.
std::size_t moment_parameters(const MomentShape& shape);
// Of all leads.
std::uint64_t moment_multiply_adds(const MomentShape& shape, std::size_t samples);

nlohmann::json moment_json(const MomentShape& shape);
MomentShape parse_moment(const nlohmann::json& config);

}  // namespace clef
