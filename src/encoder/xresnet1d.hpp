// xresnet1d, the bottleneck network of "Bag of Tricks for Image Classification" (He et al.,
// arXiv 1812.01187) with one-dimensional convolutions, as KED uses it (xresnet1d101), as numbers.
//
//   x (leads × samples) → three convolutions (the first with stride 2), each followed by batch norm
//   and ReLU → max-pool 3, stride 2, padding 1 → stages of blocks → mean over time
//   block: 1×1, k, 1×1 convolution, each with batch norm, ReLU between them; + identity; ReLU. The
//          middle one has stride 2 in the first block of every stage but the first.
//   identity: average-pool 2 (a last odd sample stands for itself) where the block has stride 2,
//             then a 1×1 convolution with batch norm where the number of channels changes.
//   convolutions have no bias and a padding of (k − 1) ÷ 2 zeros at both ends; batch norm is that
//   of evaluation, ε = 1e-5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct Xresnet1dShape {
    int input_leads = 12;
    std::vector<int> stem_channels = {32, 32, 64};
    std::vector<int> stage_blocks;
    std::vector<int> stage_widths;  // of the middle convolutions
    int expansion = 4;              // a block's outputs ÷ its width
    int kernel = 5;                 // odd

    bool operator==(const Xresnet1dShape&) const = default;
    int embedding_size() const { return stage_widths.back() * expansion; }
};

// One convolution and the batch norm behind it. Tensors: convolution + "weight"; norm + "weight",
// "bias", "running_mean", "running_var", "num_batches_tracked".
struct Xresnet1dLayer {
    std::string convolution;  // "4.0.convs.0.0."
    std::string norm;         // "4.0.convs.0.1."
    int in_channels = 0;
    int out_channels = 0;
    int kernel = 1;
    int stride = 1;
};

struct Xresnet1dBlock {
    std::vector<Xresnet1dLayer> path;      // three
    std::vector<Xresnet1dLayer> identity;  // one, or none where the channels stay
    int stride = 1;
};

inline constexpr double batch_norm_epsilon = 1e-5;  // PyTorch's default

std::vector<Xresnet1dLayer> xresnet1d_stem(const Xresnet1dShape& shape);
std::vector<Xresnet1dBlock> xresnet1d_blocks(const Xresnet1dShape& shape);

// Every tensor under its upstream name.
std::vector<TensorSpec> xresnet1d_tensors(const Xresnet1dShape& shape);
std::size_t xresnet1d_parameters(const Xresnet1dShape& shape);  // without running statistics
std::uint64_t xresnet1d_multiply_adds(const Xresnet1dShape& shape, std::size_t samples);

// As a model file's clef.architecture holds it. Reading throws InputError for numbers that make no
// network, or the JSON library's exception where one is absent.
nlohmann::json xresnet1d_json(const Xresnet1dShape& shape);
Xresnet1dShape parse_xresnet1d(const nlohmann::json& config);

}  // namespace clef
