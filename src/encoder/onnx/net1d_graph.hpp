// Net1D (encoder/net1d.hpp) as ONNX nodes, batch × leads × samples → batch × outputs.
#pragma once

#include <optional>
#include <string>

#include "encoder/model.hpp"
#include "encoder/onnx/graph.hpp"

namespace clef::onnx {

// Appends the network to the graph behind the value `input`, its last node called `output`.
// `samples`: of the window, where that is fixed; the paddings are then plain numbers. Otherwise any
// number of samples fits: convolutions pad by SAME_UPPER, which is net1d.hpp's rule.
// Errors: InputError for windows of any length and a stride above 2, whose max-pool would need a
// padding that depends on the length.
void add_net1d(Graph& graph, const Model& model, const std::string& input,
               const std::string& output, std::optional<std::size_t> samples);

}  // namespace clef::onnx
