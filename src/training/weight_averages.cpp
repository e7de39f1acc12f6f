#include "training/weight_averages.hpp"

#include <algorithm>

#include "training/tensors.hpp"

namespace clef {

WeightAverages::WeightAverages(const Named& weights, double decay) : decay_(decay) {
    if (decay <= 0) return;
    weights_ = weights;
    for (const auto& [name, tensor] : weights)
        averages_.emplace_back(name, tensor.detach().clone());
}

void WeightAverages::update(std::int64_t steps) {
    if (averages_.empty()) return;
    const auto taken = static_cast<double>(steps);
    const double decay = std::min(decay_, taken / (taken + 10));
    move_averages(averages_, weights_, decay);
}

void WeightAverages::store(Tensors& tensors) const {
    for (const auto& [name, tensor] : averages_) {
        tensors["average." + name] = to_file_tensor(tensor);
    }
}

void WeightAverages::load(const Tensors& tensors) {
    for (const auto& [name, tensor] : averages_) copy_into(tensor, tensors, "average." + name);
}

void WeightAverages::put_into(Tensors& model) const {
    for (const auto& [name, tensor] : averages_) {
        if (model.contains(name)) model[name] = to_file_tensor(tensor);
    }
}

}  // namespace clef
