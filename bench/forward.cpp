// The runtime's forward pass against libtorch's eager one, and the training engine's step against
// libtorch's automatic differentiation: the same weights, the same inputs, in one run.
#include "base/random.hpp"
#include "base/threads.hpp"
#include "paired.hpp"
#include "runtime/session.hpp"
#include "training/net1d_module.hpp"
#include "training/trained_encoder.hpp"

namespace {

using clef::bench::compare;

torch::Tensor windows(std::int64_t count, std::int64_t samples) {
    clef::Random random(1, "bench");
    torch::Tensor values = torch::empty({count, 1, samples});
    auto* data = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = static_cast<float>(random.normal());
    return values;
}

void forward(const std::string& architecture, std::int64_t batch, int pairs) {
    const clef::Model model = clef::random_model(architecture, 1, 1);
    const clef::Session session(model);
    clef::Net1dModule module(model.shape);
    module.load(model);
    const torch::Tensor input = windows(batch, 5000);
    const torch::NoGradGuard no_gradients;
    compare(
        fmt::format("{} forward, batch {}, 1 thread", architecture, batch), pairs,
        [&] {
            for (std::int64_t i = 0; i < batch; ++i) {
                session.run({input[i].data_ptr<float>(), 5000});
            }
        },
        [&] { module.forward(input); });
}

// A forward and backward pass over 128 views of 2.5 s on all threads.
void training_step(int pairs) {
    const unsigned threads = clef::available_threads();
    const clef::Model model = clef::random_model("clef-small", 1, 1);
    clef::Net1dModule module(model.shape);
    module.load(model);
    for (auto& [name, tensor] : module.trained()) tensor.set_requires_grad(true);
    clef::TrainedEncoder encoder(module, model.shape, threads);
    const torch::Tensor views = windows(128, 1250);
    const auto clear = [&] {
        for (auto& [name, tensor] : module.trained()) tensor.mutable_grad() = torch::Tensor();
    };
    compare(
        fmt::format("clef-small forward+backward, 128 x 2.5 s, {} threads", threads), pairs,
        [&] {
            torch::set_num_threads(1);
            const torch::Tensor embeddings = encoder.forward(views);
            embeddings.square().mean().backward();
            encoder.backward(embeddings);
            clear();
        },
        [&] {
            torch::set_num_threads(static_cast<int>(threads));
            module.forward(views).square().mean().backward();
            clear();
        });
}

}  // namespace

int main() {
    torch::set_num_threads(1);
    fmt::print("{:<46} {:>10} {:>10} {:>9}\n", "medians in ms", "clef", "libtorch", "ratio");
    forward("clef-small", 1, 51);
    forward("clef-small", 16, 11);
    forward("clef-small", 64, 5);
    forward("clef-medium", 1, 11);
    forward("clef-large", 1, 5);
    training_step(7);
    return 0;
}
