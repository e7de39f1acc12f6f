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
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        torch::Tensor parameter = parameters_[i].second;
        const torch::Tensor& gradient = parameter.grad();
        if (!gradient.defined()) continue;
        parameter.mul_(1 - learning_rate * weight_decay_);
        first_[i].mul_(beta1_).add_(gradient, 1 - beta1_);
        second_[i].mul_(beta2_).addcmul_(gradient, gradient, 1 - beta2_);
        const torch::Tensor denominator = (second_[i].sqrt() / correction2).add_(epsilon_);
        parameter.addcdiv_(first_[i], denominator, -learning_rate / correction1);
        parameter.mutable_grad() = torch::Tensor();
    }
}

double AdamW::clip(double limit) {
    const torch::NoGradGuard no_gradients;
    double squares = 0;
    for (const auto& [name, parameter] : parameters_) {
        const torch::Tensor gradient = parameter.grad();
        if (gradient.defined()) squares += gradient.square().sum().item<double>();
    }
    const double length = std::sqrt(squares);
    if (limit > 0 && length > limit) {
        for (const auto& [name, parameter] : parameters_) {
            torch::Tensor gradient = parameter.grad();
            if (gradient.defined()) gradient.mul_(limit / length);
        }
    }
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
