#include "training/encoder_pass.hpp"
#include "training/net1d_engine.hpp"

namespace clef {

namespace {

class EnginePass : public EncoderPass {
  public:
    EnginePass(Net1dModule& module, const Net1dShape& shape, unsigned threads)
        : module_(module), output_size_(shape.output_size()), engine_(shape, threads) {}

    torch::Tensor forward(const torch::Tensor& views) override {
        std::map<std::string, const float*> parameters;
        for (const auto& [name, tensor] : module_.trained()) {
            parameters[name] = tensor.data_ptr<float>();
        }
        const torch::Tensor input = views.contiguous();
        torch::Tensor embeddings = torch::empty({input.size(0), output_size_});
        engine_.forward(parameters, input.data_ptr<float>(),
                        static_cast<std::size_t>(input.size(0)),
                        static_cast<std::size_t>(input.size(2)), embeddings.data_ptr<float>());
        return embeddings.requires_grad_();
    }

    torch::Tensor embed(const torch::Tensor& views) override { return forward(views).detach(); }

    void backward(const torch::Tensor& embeddings) override {
        std::map<std::string, float*> gradients;
        for (const auto& [name, tensor] : module_.trained()) {
            torch::Tensor parameter = tensor;
            if (!parameter.grad().defined()) {
                parameter.mutable_grad() = torch::zeros_like(parameter);
            }
            gradients[name] = parameter.grad().data_ptr<float>();
        }
        engine_.backward(embeddings.grad().contiguous().data_ptr<float>(), gradients);
    }

  private:
    Net1dModule& module_;
    std::int64_t output_size_;
    Net1dEngine engine_;
};

}  // namespace

std::unique_ptr<EncoderPass> engine_pass(Net1dModule& module, const Net1dShape& shape,
                                         unsigned threads) {
    return std::make_unique<EnginePass>(module, shape, threads);
}

}  // namespace clef
