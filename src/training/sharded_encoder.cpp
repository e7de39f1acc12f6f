#include "training/sharded_encoder.hpp"

namespace clef {

ShardedEncoder::ShardedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads)
    : module_(module), output_size_(shape.output_size()), engine_(shape, threads) {}

torch::Tensor ShardedEncoder::forward(const torch::Tensor& views) {
    std::map<std::string, const float*> parameters;
    for (const auto& [name, tensor] : module_.trained())
        parameters[name] = tensor.data_ptr<float>();
    const torch::Tensor input = views.contiguous();
    torch::Tensor embeddings = torch::empty({input.size(0), output_size_});
    engine_.forward(parameters, input.data_ptr<float>(), static_cast<std::size_t>(input.size(0)),
                    static_cast<std::size_t>(input.size(2)), embeddings.data_ptr<float>());
    return embeddings.requires_grad_();
}

void ShardedEncoder::backward(const torch::Tensor& embeddings) {
    std::map<std::string, float*> gradients;
    for (const auto& [name, tensor] : module_.trained()) {
        torch::Tensor parameter = tensor;
        if (!parameter.grad().defined()) parameter.mutable_grad() = torch::zeros_like(parameter);
        gradients[name] = parameter.grad().data_ptr<float>();
    }
    engine_.backward(embeddings.grad().contiguous().data_ptr<float>(), gradients);
}

}  // namespace clef
