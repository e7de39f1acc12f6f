// Only with CUDA (cmake/torch.cmake): a batch's kernels, recorded as two CUDA graphs. A step of
// CLEF-small starts hundreds of kernels that compute for a few microseconds each; replaying a graph
// starts them all at once.
#ifdef CLEF_CUDA
#include "training/torch.hpp"
// torch.hpp comes first.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

#include "training/encoder_pass.hpp"

namespace clef {

namespace {

// The libraries under libtorch choose kernels and take memory in their first runs, which may not be
// recorded.
constexpr int runs_before_recording = 3;

// Other threads of the process may use the GPU meanwhile.
constexpr cudaStreamCaptureMode of_this_thread = cudaStreamCaptureModeThreadLocal;

// Runs on a stream of its own, as recording asks for.
template <typename Work>
void beside(const torch::Device& device, const Work& work) {
    const auto stream = at::cuda::getStreamFromPool(false, device.index());
    at::cuda::getCurrentCUDAStream(device.index()).synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream);
    work();
    stream.synchronize();
}

// Forward and back for batches of one size. A recording reads its inputs and writes its results at
// the same places every time.
struct TrainingRecording {
    at::cuda::CUDAGraph forward;
    at::cuda::CUDAGraph backward;
    torch::Tensor inputs;
    torch::Tensor outputs;
    torch::Tensor output_gradients;
    std::vector<torch::Tensor> gradients;
};

struct EmbeddingRecording {
    at::cuda::CUDAGraph forward;
    torch::Tensor inputs;
    torch::Tensor outputs;
};

class ReplayedPass : public EncoderPass {
  public:
    ReplayedPass(Net1dModule& module, const Computing& computing)
        : module_(module), bfloat16_(computing.bfloat16), parameters_(module.parameters()) {}

    torch::Tensor forward(const torch::Tensor& views) override {
        if (!training_ || views.sizes() != training_->inputs.sizes()) record_training(views);
        const torch::NoGradGuard no_gradients;
        training_->inputs.copy_(views);
        training_->forward.replay();
        return training_->outputs.detach().clone().requires_grad_();
    }

    torch::Tensor embed(const torch::Tensor& views) override {
        const torch::NoGradGuard no_gradients;
        if (!embedding_ || views.sizes() != embedding_->inputs.sizes()) record_embedding(views);
        embedding_->inputs.copy_(views);
        embedding_->forward.replay();
        return embedding_->outputs.clone();
    }

    void backward(const torch::Tensor& embeddings) override {
        const torch::NoGradGuard no_gradients;
        training_->output_gradients.copy_(embeddings.grad());
        training_->backward.replay();
        // Copies: the recording's own lie in memory that its next forward pass writes to.
        add_gradients(parameters_, at::_foreach_mul(training_->gradients, 1));
    }

  private:
    torch::Tensor room_for(const torch::Tensor& views) const {
        return torch::zeros(views.sizes(),
                            torch::TensorOptions(torch::kFloat32).device(module_.device()));
    }

    void record_training(const torch::Tensor& views) {
        training_.reset();  // gives its memory back first
        training_ = std::make_unique<TrainingRecording>();
        TrainingRecording& made = *training_;
        made.inputs = room_for(views);
        const auto go_forward = [&] {
            made.outputs = module_.forward_channels_last(made.inputs, bfloat16_);
        };
        const auto go_back = [&] {
            made.gradients =
                torch::autograd::grad({made.outputs}, parameters_, {made.output_gradients});
        };
        beside(module_.device(), [&] {
            for (int i = 0; i < runs_before_recording; ++i) {
                go_forward();
                if (i == 0) made.output_gradients = torch::zeros_like(made.outputs);
                go_back();
            }
            at::cuda::getCurrentCUDAStream(module_.device().index()).synchronize();
            made.forward.capture_begin({0, 0}, of_this_thread);
            go_forward();
            made.forward.capture_end();
            made.backward.capture_begin(made.forward.pool(), of_this_thread);
            go_back();
            made.backward.capture_end();
        });
    }

    void record_embedding(const torch::Tensor& views) {
        embedding_.reset();
        embedding_ = std::make_unique<EmbeddingRecording>();
        EmbeddingRecording& made = *embedding_;
        made.inputs = room_for(views);
        const auto go = [&] {
            made.outputs = module_.forward_channels_last(made.inputs, bfloat16_);
        };
        beside(module_.device(), [&] {
            for (int i = 0; i < runs_before_recording; ++i) go();
            at::cuda::getCurrentCUDAStream(module_.device().index()).synchronize();
            made.forward.capture_begin({0, 0}, of_this_thread);
            go();
            made.forward.capture_end();
        });
    }

    Net1dModule& module_;
    bool bfloat16_;
    std::vector<torch::Tensor> parameters_;
    std::unique_ptr<TrainingRecording> training_;
    std::unique_ptr<EmbeddingRecording> embedding_;
};

}  // namespace

std::unique_ptr<EncoderPass> replayed_pass(Net1dModule& module, const Computing& computing) {
    return std::make_unique<ReplayedPass>(module, computing);
}

}  // namespace clef
#endif
