#include "encoder/onnx/graph.hpp"

#include <bit>
#include <utility>

#include "base/error.hpp"

namespace clef::onnx {

namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

// Field numbers of onnx.proto.
namespace model_field {
constexpr int ir_version = 1, producer_name = 2, producer_version = 3, graph = 7, opset_import = 8,
              metadata_props = 14;
}
namespace graph_field {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node_field {
constexpr int input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
}
namespace attribute_field {
constexpr int name = 1, i = 3, s = 4, ints = 8, type = 20;
constexpr int type_int = 2, type_string = 3, type_ints = 7;
}  // namespace attribute_field
namespace tensor_field {
constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9;
}
namespace value_field {
constexpr int name = 1, type = 2, tensor_type = 1, element_type = 1, shape = 2, dimension = 1,
              dim_value = 1, dim_param = 2;
}

constexpr int ir_version = 8;

// TensorProto.DataType
int data_type(ElementType type) {
    switch (type) {
        case ElementType::float32:
            return 1;
        case ElementType::uint8:
            return 2;
        case ElementType::int32:
            return 6;
        case ElementType::int64:
            return 7;
        case ElementType::float16:
            return 10;
        case ElementType::float64:
            return 11;
        case ElementType::bfloat16:
            return 16;
    }
    return 0;
}

WireMessage tensor_header(const std::string& name, ElementType type, const Shape& shape) {
    WireMessage tensor;
    tensor.add_integers(tensor_field::dims, shape);
    tensor.add_integer(tensor_field::data_type, data_type(type));
    tensor.add_text(tensor_field::name, name);
    return tensor;
}

template <typename Value>
WireMessage small_tensor(const std::string& name, ElementType type, const Shape& shape,
                         std::span<const Value> values) {
    WireMessage tensor = tensor_header(name, type, shape);
    tensor.add_text(tensor_field::raw_data,
                    {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    return tensor;
}

WireMessage attribute(const std::string& name, const Attributes::mapped_type& value) {
    namespace field = attribute_field;
    WireMessage message;
    message.add_text(field::name, name);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        message.add_integer(field::i, *number);
        message.add_integer(field::type, field::type_int);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        message.add_text(field::s, *text);
        message.add_integer(field::type, field::type_string);
    } else {
        message.add_integers(field::ints, std::get<std::vector<std::int64_t>>(value));
        message.add_integer(field::type, field::type_ints);
    }
    return message;
}

WireMessage value_info(const std::string& name, const std::vector<Dimension>& shape) {
    namespace field = value_field;
    WireMessage dimensions;
    for (const Dimension& size : shape) {
        WireMessage dimension;
        if (const auto* number = std::get_if<std::int64_t>(&size)) {
            dimension.add_integer(field::dim_value, *number);
        } else {
            dimension.add_text(field::dim_param, std::get<std::string>(size));
        }
        dimensions.add_message(field::dimension, std::move(dimension));
    }
    WireMessage tensor;
    tensor.add_integer(field::element_type, data_type(ElementType::float32));
    tensor.add_message(field::shape, std::move(dimensions));
    WireMessage type;
    type.add_message(field::tensor_type, std::move(tensor));
    WireMessage info;
    info.add_text(field::name, name);
    info.add_message(field::type, std::move(type));
    return info;
}

}  // namespace

std::string Graph::add(const std::string& operation, const std::vector<std::string>& inputs,
                       const std::string& name, const Attributes& attributes) {
    WireMessage node;
    for (const std::string& input : inputs) node.add_text(node_field::input, input);
    node.add_text(node_field::output, name);
    node.add_text(node_field::name, name);
    node.add_text(node_field::op_type, operation);
    for (const auto& [key, value] : attributes) {
        node.add_message(node_field::attribute, attribute(key, value));
    }
    graph_.add_message(graph_field::node, std::move(node));
    return name;
}

bool Graph::new_constant(const std::string& name) {
    return constants_.emplace(name, true).second;
}

std::string Graph::integers(const std::string& name, const std::vector<std::int64_t>& values) {
    if (!new_constant(name)) return name;
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    graph_.add_message(
        graph_field::initializer,
        small_tensor(name, ElementType::int64, shape, std::span<const std::int64_t>(values)));
    return name;
}

std::string Graph::floats(const std::string& name, const Shape& shape,
                          std::span<const float> values) {
    if (!new_constant(name)) return name;
    graph_.add_message(graph_field::initializer,
                       small_tensor(name, ElementType::float32, shape, values));
    return name;
}

std::string Graph::weight(const std::string& name, const Tensor& tensor) {
    if (!new_constant(name)) return name;
    WireMessage message = tensor_header(name, tensor.type, tensor.shape);
    message.add_borrowed(tensor_field::raw_data, std::span(tensor.data));
    graph_.add_message(graph_field::initializer, std::move(message));
    if (tensor.type == ElementType::float32) return name;
    return add("Cast", {name}, name + ".float32",
               {{"to", std::int64_t{data_type(ElementType::float32)}}});
}

void Graph::input(const std::string& name, const std::vector<Dimension>& shape) {
    graph_.add_message(graph_field::input, value_info(name, shape));
}

void Graph::output(const std::string& name, const std::vector<Dimension>& shape) {
    graph_.add_message(graph_field::output, value_info(name, shape));
}

WireMessage Graph::model(const std::string& graph_name,
                         const std::map<std::string, std::string>& metadata) && {
    graph_.add_text(graph_field::name, graph_name);
    WireMessage model;
    model.add_integer(model_field::ir_version, ir_version);
    model.add_text(model_field::producer_name, "clef");
    model.add_text(model_field::producer_version, CLEF_VERSION);
    WireMessage operators;
    operators.add_text(1, "");  // the domain of the standard operators
    operators.add_integer(2, operator_set);
    model.add_message(model_field::opset_import, std::move(operators));
    for (const auto& [key, value] : metadata) {
        WireMessage entry;
        entry.add_text(1, key);
        entry.add_text(2, value);
        model.add_message(model_field::metadata_props, std::move(entry));
    }
    model.add_message(model_field::graph, std::move(graph_));
    return model;
}

}  // namespace clef::onnx
