// The engine of our own against libtorch's automatic differentiation of the same network.
#include "training/net1d_engine.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "runtime/session.hpp"
#include "training/net1d_module.hpp"

namespace clef {
namespace {

torch::Tensor random_views(std::int64_t count, std::int64_t leads, std::int64_t samples) {
    Random random(3, "views");
    torch::Tensor views = torch::empty({count, leads, samples});
    for (std::int64_t i = 0; i < views.numel(); ++i)
        views.data_ptr<float>()[i] = static_cast<float>(random.normal());
    return views;
}

struct Step {
    torch::Tensor outputs;
    std::map<std::string, torch::Tensor> gradients;
};

// The gradient of Σ output · factor, factors of their own for each output.
torch::Tensor factors_of(const torch::Tensor& outputs) {
    return torch::arange(outputs.numel(), torch::kFloat32).sin().reshape(outputs.sizes());
}

Step by_libtorch(const Model& model, const torch::Tensor& views) {
    Net1dModule module(model.shape);
    module.load(model);
    for (auto& [name, tensor] : module.trained()) tensor.set_requires_grad(true);
    Step step;
    step.outputs = module.forward(views);
    (step.outputs * factors_of(step.outputs)).sum().backward();
    for (auto& [name, tensor] : module.trained()) step.gradients[name] = tensor.grad();
    return step;
}

Step by_engine(const Model& model, const torch::Tensor& views, Net1dEngine& engine) {
    Net1dModule module(model.shape);
    module.load(model);
    std::map<std::string, const float*> parameters;
    std::map<std::string, float*> gradients;
    Step step;
    for (auto& [name, tensor] : module.trained()) {
        parameters[name] = tensor.data_ptr<float>();
        step.gradients[name] = torch::zeros_like(tensor);
        gradients[name] = step.gradients[name].data_ptr<float>();
    }
    step.outputs = torch::empty({views.size(0), model.shape.output_size()});
    engine.forward(parameters, views.data_ptr<float>(), static_cast<std::size_t>(views.size(0)),
                   static_cast<std::size_t>(views.size(2)), step.outputs.data_ptr<float>());
    engine.backward(factors_of(step.outputs).data_ptr<float>(), gradients);
    return step;
}

double largest_error(const torch::Tensor& found, const torch::Tensor& expected) {
    const double scale = expected.abs().max().item<double>() + 1e-6;
    return (found - expected).abs().max().item<double>() / scale;
}

void expect_same(const Step& found, const Step& expected, const std::string& what) {
    EXPECT_LT(largest_error(found.outputs, expected.outputs), 1e-4) << what;
    ASSERT_EQ(found.gradients.size(), expected.gradients.size());
    for (const auto& [name, gradient] : expected.gradients) {
        EXPECT_LT(largest_error(found.gradients.at(name), gradient), 1e-3) << what << " " << name;
    }
}

TEST(Net1dEngine, GivesLibtorchsOutputsAndGradients) {
    struct Case {
        const char* architecture;
        int leads;
        std::int64_t count, samples;
    };
    // ECGFounder has a dense layer; 33 views are two whole groups of lanes and one more.
    for (const auto& [architecture, leads, count, samples] :
         {Case{"clef-small", 1, 33, 251}, Case{"clef-small", 12, 3, 500},
          Case{"clef-small", 1, 1, 7}, Case{"clef-medium", 1, 2, 300},
          Case{"ecgfounder", 12, 2, 200}}) {
        const Model model = random_model(architecture, leads, 11);
        const torch::Tensor views = random_views(count, leads, samples);
        Net1dEngine engine(model.shape, 2);
        expect_same(by_engine(model, views, engine), by_libtorch(model, views),
                    fmt::format("{}, {} leads, {} x {}", architecture, leads, count, samples));
    }
}

// Buffers are kept from step to step: neither a longer batch before nor other lengths may show.
TEST(Net1dEngine, AStepLeavesNothingBehindForTheNext) {
    const Model model = random_model("clef-small", 1, 12);
    Net1dEngine engine(model.shape, 2);
    const torch::Tensor views = random_views(5, 1, 200);
    const Step first = by_engine(model, views, engine);
    by_engine(model, random_views(40, 1, 333), engine);
    const Step again = by_engine(model, views, engine);
    EXPECT_TRUE(torch::equal(first.outputs, again.outputs));
    for (const auto& [name, gradient] : first.gradients)
        EXPECT_TRUE(torch::equal(gradient, again.gradients.at(name))) << name;
}

TEST(Net1dEngine, AViewsEmbeddingDoesNotDependOnTheOthers) {
    const Model model = random_model("clef-small", 1, 13);
    Net1dEngine engine(model.shape, 1);
    const torch::Tensor views = random_views(20, 1, 200);
    const torch::Tensor together = by_engine(model, views, engine).outputs;
    for (const std::int64_t i : {0, 15, 16, 19}) {
        const torch::Tensor alone = by_engine(model, views.narrow(0, i, 1).clone(), engine).outputs;
        EXPECT_TRUE(torch::equal(alone[0], together[i])) << i;
    }
}

}  // namespace
}  // namespace clef
