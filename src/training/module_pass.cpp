#include "training/encoder_pass.hpp"

namespace clef {

namespace {

class ModulePass : public EncoderPass {
  public:
    ModulePass(Net1dModule& module, const Computing& computing)
        : module_(module), bfloat16_(computing.bfloat16) {}

    torch::Tensor forward(const torch::Tensor& views) override {
        outputs_ = module_.forward_channels_last(views.to(module_.device()), bfloat16_);
        return outputs_.detach().requires_grad_();
    }

    torch::Tensor embed(const torch::Tensor& views) override {
        const torch::NoGradGuard no_gradients;
        return module_.forward_channels_last(views.to(module_.device()), bfloat16_);
    }

    void backward(const torch::Tensor& embeddings) override {
        const std::vector<torch::Tensor> parameters = module_.parameters();
        add_gradients(parameters,
                      torch::autograd::grad({outputs_}, parameters, {embeddings.grad()}));
        outputs_ = torch::Tensor();
    }

  private:
    Net1dModule& module_;
    bool bfloat16_;
    torch::Tensor outputs_;  // of the last forward(), with what it takes to differentiate them
};

}  // namespace

void add_gradients(const std::vector<torch::Tensor>& parameters,
                   const std::vector<torch::Tensor>& gradients) {
    const torch::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        torch::Tensor parameter = parameters[i];
        torch::Tensor& sum = parameter.mutable_grad();
        sum = sum.defined() ? sum + gradients[i] : gradients[i];
    }
}

std::unique_ptr<EncoderPass> module_pass(Net1dModule& module, const Computing& computing) {
    return std::make_unique<ModulePass>(module, computing);
}

}  // namespace clef
