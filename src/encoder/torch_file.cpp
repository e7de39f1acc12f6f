#include "encoder/torch_file.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace clef {

namespace {

using Kind = PickleNode::Kind;

constexpr std::array<TorchType, 16> types = {{
    {"FloatStorage", "float32", 4, ElementType::float32},
    {"HalfStorage", "float16", 2, ElementType::float16},
    {"BFloat16Storage", "bfloat16", 2, ElementType::bfloat16},
    {"DoubleStorage", "float64", 8, ElementType::float64},
    {"LongStorage", "int64", 8, ElementType::int64},
    {"IntStorage", "int32", 4, ElementType::int32},
    {"ByteStorage", "uint8", 1, ElementType::uint8},
    {"ShortStorage", "int16", 2, std::nullopt},
    {"CharStorage", "int8", 1, std::nullopt},
    {"BoolStorage", "bool", 1, std::nullopt},
    {"ComplexFloatStorage", "complex64", 8, std::nullopt},
    {"ComplexDoubleStorage", "complex128", 16, std::nullopt},
    {"QInt8Storage", "qint8", 1, std::nullopt},
    {"QUInt8Storage", "quint8", 1, std::nullopt},
    {"QInt32Storage", "qint32", 4, std::nullopt},
    {"UntypedStorage", "byte", 1, std::nullopt},
}};

// The class or function that an object node called; empty for anything else.
std::string_view called(const Pickle& pickle, const PickleNode& node) {
    if (node.kind != Kind::object || node.items.empty()) return {};
    const PickleNode& callable = pickle.at(node.items[0]);
    return callable.kind == Kind::global ? std::string_view(callable.text) : std::string_view();
}

std::string_view last_part(std::string_view dotted) {
    const std::size_t dot = dotted.rfind('.');
    return dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
}

std::uint64_t whole_number(const PickleNode& node, const std::string& what) {
    if (node.kind != Kind::integer || node.integer < 0) {
        fail_input("{}: expected a whole, non-negative number in its description", what);
    }
    return static_cast<std::uint64_t>(node.integer);
}

std::vector<std::int64_t> whole_numbers(const Pickle& pickle, const PickleNode& node,
                                        const std::string& what) {
    // torch.Size arrives as an object around a tuple.
    const PickleNode* list = &node;
    if (called(pickle, node) == "torch.Size") {
        const PickleNode& arguments = pickle.item(node, 1);
        if (!arguments.items.empty()) list = &pickle.item(arguments, 0);
    }
    if (list->kind != Kind::tuple && list->kind != Kind::list) {
        fail_input("{}: expected a list of sizes in its description", what);
    }
    if (list->items.size() > 64) {
        fail_input("{}: {} dimensions, expected at most 64", what, list->items.size());
    }
    std::vector<std::int64_t> numbers;
    for (const PickleIndex index : list->items) {
        if (pickle.at(index).kind != Kind::integer) {
            fail_input("{}: expected whole numbers as sizes and strides", what);
        }
        numbers.push_back(pickle.at(index).integer);
    }
    return numbers;
}

// Parameters wrap their tensor: _rebuild_parameter(tensor, requires_grad, hooks).
const PickleNode& unwrapped(const Pickle& pickle, const PickleNode& node) {
    const PickleNode* current = &node;
    for (int depth = 0; depth < 8; ++depth) {
        const std::string_view name = called(pickle, *current);
        if (name != "torch._utils._rebuild_parameter" &&
            name != "torch._utils._rebuild_parameter_with_state") {
            break;
        }
        const PickleNode& arguments = pickle.item(*current, 1);
        if (arguments.items.empty()) break;
        current = &pickle.item(arguments, 0);
    }
    return *current;
}

}  // namespace

const TorchType* find_torch_type(std::string_view class_or_dtype) {
    const std::string_view name = last_part(class_or_dtype);
    for (const TorchType& type : types) {
        if (name == type.storage_class || name == type.dtype) return &type;
    }
    return nullptr;
}

std::optional<TorchStorage> torch_storage(const Pickle& pickle, const PickleNode& node) {
    if (node.kind != Kind::persistent || node.items.empty()) return std::nullopt;
    const PickleNode& id = pickle.at(node.items[0]);
    const bool tuple = id.kind == Kind::tuple && id.items.size() >= 5;
    if (!tuple || pickle.item(id, 0).text != "storage") return std::nullopt;
    TorchStorage storage;
    storage.key = pickle.item(id, 2).text;
    const std::string what = fmt::format("storage '{}'", storage.key);
    const std::string& name = pickle.item(id, 1).text;
    const TorchType* type = find_torch_type(name);
    if (type == nullptr) fail_input("{}: unknown storage class '{}'", what, name);
    if (type->storage_class != "UntypedStorage") storage.type = type;
    storage.elements = whole_number(pickle.item(id, 4), what);
    if (id.items.size() > 5 && pickle.item(id, 5).kind == Kind::tuple) {
        const PickleNode& view = pickle.item(id, 5);
        storage.view_offset = whole_number(pickle.item(view, 1), what);
        storage.elements = whole_number(pickle.item(view, 2), what);
    }
    return storage;
}

std::optional<StoredTensor> torch_tensor(const TorchFile& file, const PickleNode& node,
                                         const std::string& what) {
    const Pickle& pickle = file.pickle;
    const PickleNode& inner = unwrapped(pickle, node);
    const std::string_view name = called(pickle, inner);
    const bool third = name == "torch._utils._rebuild_tensor_v3";
    if (!third && name != "torch._utils._rebuild_tensor_v2" &&
        name != "torch._utils._rebuild_tensor") {
        return std::nullopt;
    }
    const PickleNode& arguments = pickle.item(inner, 1);
    if (arguments.items.size() < (third ? 7U : 4U)) {
        fail_input("{}: a tensor described by {} values", what, arguments.items.size());
    }
    const auto storage = torch_storage(pickle, pickle.item(arguments, 0));
    if (!storage) fail_input("{}: a tensor without a storage", what);
    const TorchType* type = third ? find_torch_type(pickle.item(arguments, 6).text) : storage->type;
    if (type == nullptr) return std::nullopt;

    StoredTensor tensor;
    tensor.type_name = type->dtype;
    tensor.type = type->type;
    tensor.element_bytes = type->bytes;
    tensor.big_endian = file.big_endian;
    tensor.offset = whole_number(pickle.item(arguments, 1), what);
    tensor.shape = whole_numbers(pickle, pickle.item(arguments, 2), what);
    tensor.strides = whole_numbers(pickle, pickle.item(arguments, 3), what);
    const auto bytes = file.storages.find(storage->key);
    if (bytes == file.storages.end()) {
        fail_input("{}: its storage '{}' is not in the file", what, storage->key);
    }
    const std::size_t unit = storage->type == nullptr ? 1 : type->bytes;
    const std::uint64_t available = bytes->second.size() / unit;
    if (storage->view_offset > available || storage->elements > available - storage->view_offset) {
        fail_input(
            "{}: its storage '{}' has {} bytes, expected {} elements of {}; the file is "
            "damaged",
            what, storage->key, bytes->second.size(), storage->elements, type->dtype);
    }
    tensor.storage = bytes->second.subspan(storage->view_offset * unit, storage->elements * unit);
    check_bounds(tensor, what);
    return tensor;
}

bool is_dictionary(const Pickle& pickle, const PickleNode& node) {
    if (node.kind == Kind::dict) return true;
    const std::string_view name = called(pickle, node);
    return name == "collections.OrderedDict" || name == "collections.defaultdict";
}

std::string describe(const Pickle& pickle, const PickleNode& node) {
    switch (node.kind) {
        case Kind::none:
            return "nothing (None)";
        case Kind::boolean:
        case Kind::integer:
        case Kind::big_integer:
        case Kind::real:
            return "a number";
        case Kind::string:
            return "a text";
        case Kind::bytes:
            return "bytes";
        case Kind::list:
        case Kind::tuple:
        case Kind::set:
            return fmt::format("a list of {}", node.items.size());
        case Kind::dict:
            return fmt::format("a dict of {} entries", node.items.size() / 2);
        case Kind::global:
            return fmt::format("the name '{}'", node.text);
        case Kind::object: {
            const std::string_view name = called(pickle, node);
            return name.empty() ? "an unnamed object" : fmt::format("an object made by '{}'", name);
        }
        case Kind::persistent:
            return "a storage";
    }
    return "something else";
}

}  // namespace clef
