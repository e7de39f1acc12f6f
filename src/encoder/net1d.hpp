// Net1D, the one-dimensional ResNeXt of CLEF (arXiv 2512.02180) and ECGFounder, as numbers: what a
// module, a forward pass or a file check needs to know. Running it is the runtime's and the
// trainer's business.
//
//   x (leads × samples) → stem convolution (kernel 16, stride 2) → swish → stages → mean over time
//   → [dense layer, where the model has labels]
//   block: [swish, but not in the very first] → 1×1 convolution → swish → grouped convolution
//          (kernel 16, stride 2 in a stage's first block) → swish → 1×1 convolution
//          → squeeze-excitation (mean → linear → swish → linear → sigmoid) → + shortcut
//   shortcut: max-pool (kernel = stride) in a stage's first block; channels zero-padded both sides
//   padding: SAME, with zeros, for the pool too. Batch-norm tensors exist in the published weights
//   and are not used (use_bn = False): they are carried along so that files stay interchangeable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct Net1dShape {
    int input_leads = 1;
    int base_channels = 32;
    double ratio = 0.5;  // middle channels = out channels × ratio
    std::vector<int> stage_channels;
    std::vector<int> stage_blocks;
    int kernel = 16;
    int stride = 2;
    int group_width = 8;  // groups = out channels ÷ group width
    int outputs = 0;      // of the dense layer; 0: none, the embedding is the output

    bool operator==(const Net1dShape&) const = default;
    int embedding_size() const { return stage_channels.back(); }
    int output_size() const { return outputs > 0 ? outputs : embedding_size(); }
};

// One residual block, resolved.
struct Net1dBlock {
    std::string prefix;  // "stage_list.0.block_list.0."
    int in_channels = 0;
    int middle_channels = 0;
    int out_channels = 0;
    int groups = 1;
    int stride = 1;
    bool first = false;  // the very first block: no swish before conv1
};

std::vector<Net1dBlock> net1d_blocks(const Net1dShape& shape);

// Every tensor of the encoder under its upstream name (without "backbone."), with shape and type.
std::vector<TensorSpec> net1d_tensors(const Net1dShape& shape);

// Trained numbers: everything but batch-norm's running statistics.
std::size_t net1d_parameters(const Net1dShape& shape);

// Multiply–adds of one forward pass over `samples` samples: convolutions, squeeze-excitation,
// dense.
std::uint64_t net1d_multiply_adds(const Net1dShape& shape, std::size_t samples);

// SAME padding of a convolution or pool, as TensorFlow defines it and upstream does: output length
// ceil(n / stride), zeros split with the smaller half on the left.
struct SamePadding {
    std::size_t output = 0;
    std::size_t left = 0;
    std::size_t right = 0;
};
SamePadding same_padding(std::size_t samples, std::size_t kernel, std::size_t stride);

// An InputError naming the first number that makes no network (zero channels, groups that do not
// divide the channels, …).
void check_shape(const Net1dShape& shape);

// As a model file's clef.architecture holds it. Reading throws InputError, or the JSON library's
// exception where a number is absent.
nlohmann::json shape_json(const Net1dShape& shape);
Net1dShape parse_shape(const nlohmann::json& config);

}  // namespace clef
