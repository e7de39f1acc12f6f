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
                                 const Net1dShape& shape, unsigned threads,
                                 const Computing& computing)
    : followed_(module.trained()),
      module_(shape),
      head_(head.copy()),
      encoder_(placed(module_, module.device()), shape, threads, computing) {
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
    move_averages(own(), followed_, momentum);
}

void MomentumEncoder::store(Tensors& tensors) const {
    for (const auto& [name, tensor] : own()) tensors["momentum." + name] = to_file_tensor(tensor);
}

void MomentumEncoder::load(const Tensors& tensors) {
    for (const auto& [name, tensor] : own()) copy_into(tensor, tensors, "momentum." + name);
}

}  // namespace clef
