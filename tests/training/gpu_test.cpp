// The ways of running a trained encoder that a GPU takes, against the processor's. What needs a GPU
// is skipped, loudly, where libtorch sees none.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "procedural.hpp"
#include "training/trained_encoder.hpp"
#include "training/training_device.hpp"

namespace clef {
namespace {

torch::Tensor procedural_views(std::int64_t count, std::int64_t leads, std::int64_t samples) {
    return torch::tensor(
               testing::procedural_input("gpu", static_cast<std::size_t>(count * leads * samples)))
        .reshape({count, leads, samples});
}

// ‖a − b‖ / ‖b‖
double distance(const torch::Tensor& a, const torch::Tensor& b) {
    const torch::Tensor there = b.detach().to(torch::kCPU, torch::kFloat64);
    const torch::Tensor here = a.detach().to(torch::kCPU, torch::kFloat64);
    return ((here - there).norm() / there.norm()).item<double>();
}

struct Pass {
    torch::Tensor embeddings;
    std::map<std::string, torch::Tensor> gradients;
};

// Two batches through it, the gradients of both together, and the embeddings of the second: what
// the first leaves behind must not show.
template <typename Encoder>
Pass run(Net1dModule& module, Encoder& encoder, const torch::Tensor& views) {
    for (auto& [name, tensor] : module.trained()) tensor.set_requires_grad(true);
    Pass pass;
    for (const torch::Tensor& batch : {torch::Tensor(-0.5 * views), views}) {
        pass.embeddings = encoder.forward(batch);
        (pass.embeddings * torch::arange(pass.embeddings.size(1), pass.embeddings.options()).sin())
            .sum()
            .backward();
        encoder.backward(pass.embeddings);
    }
    for (const auto& [name, tensor] : module.trained()) pass.gradients[name] = tensor.grad();
    return pass;
}

Pass run(const Model& model, const torch::Tensor& views, const torch::Device& device,
         const Computing& computing = {}) {
    Net1dModule module(model.shape);
    module.load(model);
    TrainedEncoder encoder(placed(module, device), model.shape, 1, computing);
    return run(module, encoder, views);
}

void expect_same(const Pass& got, const Pass& expected, double embeddings, double gradients) {
    EXPECT_LT(distance(got.embeddings, expected.embeddings), embeddings);
    for (const auto& [name, gradient] : expected.gradients) {
        EXPECT_LT(distance(got.gradients.at(name), gradient), gradients) << name;
    }
}

TEST(ChannelsLast, ComputesWhatTheOtherOrderOfMemoryDoes) {
    for (const auto& [name, leads, samples] :
         {std::tuple{"clef-small", 1, 1250}, {"clef-small", 12, 333}, {"clef-medium", 1, 701}}) {
        const Model model = testing::procedural_model(name, leads);
        Net1dModule module(model.shape);
        module.load(model);
        module.to(torch::kFloat64);
        const torch::Tensor views = procedural_views(2, leads, samples).to(torch::kFloat64);
        const std::vector<torch::Tensor> parameters = module.parameters();
        const torch::Tensor one = module.forward(views);
        const torch::Tensor other = module.forward_channels_last(views);
        EXPECT_LT(distance(other, one), 1e-12) << name;
        const auto weights = torch::arange(one.size(1), one.options()).sin();
        const auto expected = torch::autograd::grad({(one * weights).sum()}, parameters);
        const auto got = torch::autograd::grad({(other * weights).sum()}, parameters);
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            EXPECT_LT(distance(got[i], expected[i]), 1e-9) << name << " " << i;
        }
    }
}

TEST(TrainingDevice, NamesAreCheckedAndWhatIsNotThereIsRefused) {
    EXPECT_TRUE(training_device("cpu", 3).is_cpu());
    EXPECT_THROW(training_device("gpu", 0), InputError);
    EXPECT_THROW(training_device("cuda:x", 0), InputError);
    EXPECT_THROW(training_device("cuda:-1", 0), InputError);
    EXPECT_THROW(training_device("cuda:999", 0), InputError);
    if (!torch::cuda::is_available()) {
        EXPECT_TRUE(training_device("auto", 0).is_cpu());
        EXPECT_THROW(training_device("cuda", 0), InputError);
    }
    PretrainOptions options;
    options.precision = "half";
    EXPECT_THROW(computing_of(options), InputError);
}

// libtorch's way, which GPUs take, here on the processor.
TEST(ModulePass, AddsTheGradientsOfSeveralBatchesAsTheEngineDoes) {
    const Model model = testing::procedural_model("clef-small");
    const torch::Tensor views = procedural_views(4, 1, 700);
    Net1dModule module(model.shape);
    module.load(model);
    const auto libtorch = module_pass(module, {false, false});
    expect_same(run(module, *libtorch, views), run(model, views, torch::kCPU), 1e-4, 1e-3);
    EXPECT_LT(distance(libtorch->embed(views), module.forward(views)), 1e-5);
}

TEST(TrainedEncoder, TheProcessorHasNoBfloat16) {
    const Model model = testing::procedural_model("clef-small");
    Net1dModule module(model.shape);
    EXPECT_THROW(TrainedEncoder(module, model.shape, 1, {true, true}), InputError);
}

class Gpu : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!torch::cuda::is_available()) GTEST_SKIP() << "SKIPPED: libtorch sees no CUDA device";
        set_kernels(PretrainOptions());
    }
    torch::Device gpu_ = torch::Device(torch::kCUDA, 0);
};

TEST_F(Gpu, GivesTheProcessorsEmbeddingsAndGradients) {
    for (const auto& [name, leads] :
         {std::pair{"clef-small", 1}, {"clef-small", 12}, {"clef-medium", 1}}) {
        SCOPED_TRACE(name);
        const Model model = testing::procedural_model(name, leads);
        const torch::Tensor views = procedural_views(6, leads, 1250);
        const Pass expected = run(model, views, torch::kCPU);
        expect_same(run(model, views, gpu_, {false, false}), expected, 1e-4, 1e-3);
        expect_same(run(model, views, gpu_, {false, true}), expected, 1e-4, 1e-3);
        expect_same(run(model, views, gpu_, {true, false}), expected, 3e-2, 6e-2);
        expect_same(run(model, views, gpu_, {true, true}), expected, 3e-2, 6e-2);
    }
}

TEST_F(Gpu, ARecordingGivesTheSameBitsAgain) {
    const Model model = testing::procedural_model("clef-small");
    const torch::Tensor views = procedural_views(32, 1, 1250);
    const Pass once = run(model, views, gpu_);
    const Pass again = run(model, views, gpu_);
    EXPECT_TRUE(torch::equal(once.embeddings, again.embeddings));
    for (const auto& [name, gradient] : once.gradients) {
        EXPECT_TRUE(torch::equal(gradient, again.gradients.at(name))) << name;
    }
}

TEST_F(Gpu, BatchesOfAnotherSizeAreRecordedAnew) {
    const Model model = testing::procedural_model("clef-small");
    Net1dModule module(model.shape);
    module.load(model);
    TrainedEncoder encoder(placed(module, gpu_), model.shape, 1);
    for (const std::int64_t count : {4, 6, 4}) {
        const torch::Tensor views = procedural_views(count, 1, 1250);
        for (auto& [name, tensor] : module.trained()) tensor.mutable_grad() = torch::Tensor();
        expect_same(run(module, encoder, views), run(model, views, torch::kCPU), 1e-4, 1e-3);
        EXPECT_LT(distance(encoder.embed(views), module.forward(views.to(gpu_))), 1e-5);
    }
}

}  // namespace
}  // namespace clef
