// ST-MEM's encoder (Na et al., "Guiding Masked Representation Learning to Capture Spatio-Temporal
// Relationship of Electrocardiogram", ICLR 2024, arXiv 2402.09450) as numbers: a vision transformer
// over patches of every lead.
//
//   each lead is cut into patches; a patch → layer norm → linear → layer norm → + its position
//   token of a separator before and behind each lead's patches: + first and last position
//   every token + its lead's embedding; all leads' tokens form one sequence
//   depth × (x + attention(layer norm(x)); x + MLP(layer norm(x))), GELU with erf
//   mean over all tokens but the separators → layer norm
//   layer norm: ε = 1e-5. Fewer patches than the encoder was trained on take the first positions
//   and the last one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct StMemShape {
    int input_leads = 12;  // lead embeddings
    int patch = 75;        // samples
    int patches = 30;      // of a lead, at most
    int width = 768;
    int depth = 12;
    int heads = 12;
    int head_width = 64;
    int hidden = 3072;  // of the MLPs

    bool operator==(const StMemShape&) const = default;
    int attention_width() const { return heads * head_width; }
};

inline constexpr double layer_norm_epsilon = 1e-5;  // PyTorch's default

// Every tensor under its upstream name, without `encoder.`.
std::vector<TensorSpec> st_mem_tensors(const StMemShape& shape);
std::size_t st_mem_parameters(const StMemShape& shape);
// Of all leads, samples ÷ patch patches each.
std::uint64_t st_mem_multiply_adds(const StMemShape& shape, std::size_t samples);

nlohmann::json st_mem_json(const StMemShape& shape);
StMemShape parse_st_mem(const nlohmann::json& config);

}  // namespace clef
