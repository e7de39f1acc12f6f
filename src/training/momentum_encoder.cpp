#include "training/momentum_encoder.hpp"

#include "training/tensors.hpp"

namespace clef {

namespace {

void append(std::vector<std::pair<std::string, torch::Tensor>>& all,
            std::vector<std::pair<std::string, torch::Tensor>> more) {
    for (auto& entry : more) all.push_back(std::move(entry));
}

}  // namespace

MomentumEncoder::MomentumEncoder(const Net1dModule& module, const ProjectionHead& head,
                                 const Net1dShape& shape, unsigned threads)
    : followed_(module.trained()),
      module_(shape),
      head_(head.copy()),
      encoder_(module_, shape, threads) {
    append(followed_, head.trained());
    follow(0);
}

std::vector<std::pair<std::string, torch::Tensor>> MomentumEncoder::own() const {
    Named all = module_.trained();
    append(all, head_.trained());
    return all;
}

torch::Tensor MomentumEncoder::project(const torch::Tensor& embeddings) const {
    const torch::NoGradGuard no_gradients;
    return head_.forward(embeddings);
}

void MomentumEncoder::follow(double momentum) {
    const torch::NoGradGuard no_gradients;
    const Named tensors = own();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        tensors[i].second.mul_(momentum).add_(followed_[i].second.detach(), 1 - momentum);
    }
}

void MomentumEncoder::store(Tensors& tensors) const {
    for (const auto& [name, tensor] : own()) tensors["momentum." + name] = to_file_tensor(tensor);
}

void MomentumEncoder::load(const Tensors& tensors) {
    for (const auto& [name, tensor] : own()) copy_into(tensor, tensors, "momentum." + name);
}

}  // namespace clef
