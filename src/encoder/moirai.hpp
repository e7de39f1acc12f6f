// Moirai's encoder (Woo et al., "Unified Training of Universal Time Series Forecasting
// Transformers", ICML 2024, arXiv 2402.02592) as numbers: a masked transformer over the patches of
// any number of variates, here leads.
//
//   each lead: (x − mean) ÷ √(variance + 1e-5), over its observed samples, n − 1 in the variance
//   patches, whole ones from the end on: zeros, not observed, stand before the first; patches
//     before the first observed sample of any lead are no part of the window
//   a patch of one of the sizes that the encoder knows → that size's own linear layer
//   depth × (x + attention(RMS norm(x)); x + gated(RMS norm(x))), then an RMS norm; no biases
//   attention: queries and keys of each head RMS-normalised, the first half of each rotated by the
//     patch's place within its lead (pairs of neighbours, wavelengths from 2π to 10000 · 2π); added
//     to the scores, per head, one number for tokens of the same lead and one for those of another
//   gated: fc2(silu(fc_gate x) · fc1 x)
//   embedding: mean over the tokens of all leads
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct MoiraiShape {
    int input_leads = 12;  // at most: a window may hold fewer
    int patch = 128;       // samples; one of patch_sizes
    std::vector<int> patch_sizes = {8, 16, 32, 64, 128};
    int width = 768;
    int depth = 12;
    int heads = 12;
    int head_width = 64;
    int hidden = 2048;

    bool operator==(const MoiraiShape&) const = default;
    int attention_width() const { return heads * head_width; }
    std::size_t patch_index() const;  // of `patch` among patch_sizes
};

// uni2ts: module/norm.py, packed_scaler.py, position/attn_projection.py
inline constexpr double moirai_norm_epsilon = 1e-5;
inline constexpr double moirai_minimum_variance = 1e-5;
inline constexpr double moirai_rotation_base = 10000;

// Every tensor that an embedding needs, under its upstream name.
std::vector<TensorSpec> moirai_tensors(const MoiraiShape& shape);
std::size_t moirai_parameters(const MoiraiShape& shape);
// Of all leads.
std::uint64_t moirai_multiply_adds(const MoiraiShape& shape, std::size_t samples);

nlohmann::json moirai_json(const MoiraiShape& shape);
MoiraiShape parse_moirai(const nlohmann::json& config);

}  // namespace clef
