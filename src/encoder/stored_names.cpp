#include "encoder/stored_names.hpp"

#include <map>

#include "base/error.hpp"

namespace clef {

namespace {

bool same_place(const StoredTensor& a, const StoredTensor& b) {
    return a.storage.data() == b.storage.data() && a.offset == b.offset && a.shape == b.shape &&
           a.strides == b.strides && a.type == b.type;
}

}  // namespace

std::shared_ptr<const TensorGroup> under_own_names(const TensorGroup& stored,
                                                   const Family& family) {
    auto group = std::make_shared<TensorGroup>();
    group->container = stored.container;
    group->prefix = stored.prefix;
    for (const bool renamed : {true, false}) {
        for (const auto& [name, tensor] : stored.tensors) {
            const StoredName own = family.stored_name(name);
            if (!own.left_out.empty() || (own.name != name) != renamed) continue;
            group->tensors.emplace(own.name, tensor);
        }
    }
    return group;
}

void check_second_names(const TensorGroup& stored, const Family& family,
                        const std::string& source) {
    std::map<std::string, const StoredTensors::value_type*> first;
    for (const auto& entry : stored.tensors) {
        const StoredName own = family.stored_name(entry.first);
        if (own.name.empty()) continue;
        const auto [it, added] = first.emplace(own.name, &entry);
        if (added || same_place(it->second->second, entry.second)) continue;
        const auto numbers = [&source](const StoredTensors::value_type& tensor) {
            return read_tensor(tensor.second, fmt::format("{}: tensor '{}'", source, tensor.first));
        };
        const Tensor a = numbers(*it->second);
        const Tensor b = numbers(entry);
        if (a.type == b.type && a.shape == b.shape && a.data == b.data) continue;
        fail_input("{}: '{}' and '{}' are two names of one tensor but hold different numbers",
                   source, it->second->first, entry.first);
    }
}

}  // namespace clef
