#include "training/named_module.hpp"

#include <algorithm>

#include "training/tensors.hpp"

namespace clef {

namespace {

// Names are dotted paths; libtorch forbids dots in a module's own parameter names.
std::string registered_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '/');
    return name;
}

}  // namespace

NamedModule::NamedModule(const std::vector<TensorSpec>& specs,
                         bool (*learns)(const std::string& name))
    : learns_(learns) {
    for (const TensorSpec& spec : specs) {
        const auto type = spec.type == ElementType::int64 ? torch::kInt64 : torch::kFloat32;
        torch::Tensor value = torch::zeros(spec.shape, type);
        tensors_[spec.name] = learns(spec.name)
                                  ? register_parameter(registered_name(spec.name), value)
                                  : register_buffer(registered_name(spec.name), value);
    }
}

void NamedModule::load(const Model& model) {
    check_tensors(model, model.architecture);
    for (const auto& [name, tensor] : tensors_) copy_into(tensor, model.tensors, name);
}

void NamedModule::store(Model& model) const {
    for (const auto& [name, tensor] : tensors_) model.tensors[name] = to_file_tensor(tensor);
}

NamedModule::Named NamedModule::trained() const {
    Named result;
    for (const auto& [name, tensor] : tensors_) {
        if (learns_(name)) result.emplace_back(name, tensor);
    }
    return result;
}

}  // namespace clef
