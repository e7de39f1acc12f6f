#include "training/adamw.hpp"

#include <cmath>

#include "training/tensors.hpp"

namespace clef {

AdamW::AdamW(Named parameters, double weight_decay, double beta1, double beta2, double epsilon)
    : parameters_(std::move(parameters)),
      weight_decay_(weight_decay),
      beta1_(beta1),
      beta2_(beta2),
      epsilon_(epsilon) {
    for (const auto& [name, parameter] : parameters_) {
        first_.push_back(torch::zeros_like(parameter));
        second_.push_back(torch::zeros_like(parameter));
    }
}

void AdamW::step(double learning_rate) {
    const torch::NoGradGuard no_gradients;
    ++steps_;
    const auto steps = static_cast<double>(steps_);
    const double correction1 = 1 - std::pow(beta1_, steps);
    const double correction2 = std::sqrt(1 - std::pow(beta2_, steps));
    const Given given = with_gradients();
    if (given.parameters.empty()) return;
    // Lists in one call: on a GPU a kernel for all tensors, not one for each.
    at::_foreach_mul_(given.parameters, 1 - learning_rate * weight_decay_);
    at::_foreach_mul_(given.first, beta1_);
    at::_foreach_add_(given.first, given.gradients, 1 - beta1_);
    at::_foreach_mul_(given.second, beta2_);
    at::_foreach_addcmul_(given.second, given.gradients, given.gradients, 1 - beta2_);
    std::vector<torch::Tensor> denominators = at::_foreach_sqrt(given.second);
    at::_foreach_div_(denominators, correction2);
    at::_foreach_add_(denominators, epsilon_);
    at::_foreach_addcdiv_(given.parameters, given.first, denominators,
                          -learning_rate / correction1);
    for (torch::Tensor parameter : given.parameters) parameter.mutable_grad() = torch::Tensor();
}

AdamW::Given AdamW::with_gradients() const {
    Given given;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const torch::Tensor& parameter = parameters_[i].second;
        if (!parameter.grad().defined()) continue;
        given.parameters.push_back(parameter);
        given.gradients.push_back(parameter.grad());
        given.first.push_back(first_[i]);
        given.second.push_back(second_[i]);
    }
    return given;
}

double AdamW::clip(double limit) {
    const torch::NoGradGuard no_gradients;
    const std::vector<torch::Tensor> gradients = with_gradients().gradients;
    if (gradients.empty()) return 0;
    std::vector<torch::Tensor> squares;
    for (const torch::Tensor& gradient : gradients) squares.push_back(gradient.square().sum());
    const double length = std::sqrt(torch::stack(squares).sum(torch::kFloat64).item<double>());
    if (limit > 0 && length > limit) at::_foreach_mul_(gradients, limit / length);
    return length;
}

void AdamW::store(Tensors& tensors) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        tensors["optimiser." + parameters_[i].first + ".first"] = to_file_tensor(first_[i]);
        tensors["optimiser." + parameters_[i].first + ".second"] = to_file_tensor(second_[i]);
    }
}

void AdamW::load(const Tensors& tensors, std::int64_t steps_taken) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        copy_into(first_[i], tensors, "optimiser." + parameters_[i].first + ".first");
        copy_into(second_[i], tensors, "optimiser." + parameters_[i].first + ".second");
    }
    steps_ = steps_taken;
}

}  // namespace clef
