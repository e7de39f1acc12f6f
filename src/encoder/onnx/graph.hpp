// An ONNX graph under construction: nodes in the order of execution, constants, weights, inputs and
// outputs; and the model file's message around it (onnx.proto of ONNX 1.12: IR version 8, operator
// set 17). Every value is named after what it is, so that a viewer shows the network.
//
// Weights are borrowed: the tensors must outlive the graph and its message. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "encoder/onnx/wire.hpp"
#include "encoder/tensor.hpp"

namespace clef::onnx {

constexpr int operator_set = 17;

// A size, or the name of one that is only known when the graph runs.
using Dimension = std::variant<std::int64_t, std::string>;
using Attributes =
    std::map<std::string, std::variant<std::int64_t, std::vector<std::int64_t>, std::string>>;

class Graph {
  public:
    // A node of one output, which is called as the node; returns that name.
    std::string add(const std::string& operation, const std::vector<std::string>& inputs,
                    const std::string& name, const Attributes& attributes = {});

    // Each returns the value's name. A name may be given twice; the first constant stays.
    std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
    std::string floats(const std::string& name, const Shape& shape, std::span<const float> values);
    // As float32 for the graph: half precision is stored as it is, with a Cast behind it.
    std::string weight(const std::string& name, const Tensor& tensor);

    void input(const std::string& name, const std::vector<Dimension>& shape);
    void output(const std::string& name, const std::vector<Dimension>& shape);

    // The whole file; the graph is empty afterwards.
    WireMessage model(const std::string& graph_name,
                      const std::map<std::string, std::string>& metadata) &&;

  private:
    bool new_constant(const std::string& name);

    WireMessage graph_;
    std::map<std::string, bool> constants_;
};

}  // namespace clef::onnx
