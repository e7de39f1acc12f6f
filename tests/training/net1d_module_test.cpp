// The training module against PyTorch's answers and against the runtime's forward pass.
#include "training/net1d_module.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "procedural.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"
#include "training/trained_encoder.hpp"

namespace clef {
namespace {

torch::Tensor as_batch(const std::vector<float>& values, std::int64_t rows, std::int64_t leads) {
    return torch::tensor(values).reshape({rows, leads, -1});
}

TEST(Net1dModule, AgreesWithPyTorchsAnswers) {
    CLEF_REQUIRE_SHARED("goldens/net1d.json");
    std::ifstream file(testing::shared_folder() / "goldens/net1d.json");
    const auto goldens = nlohmann::json::parse(file);
    const std::vector<std::tuple<const char*, const char*, int>> cases = {
        {"clef-small", "clef-small", 1},       {"clef-small-2500", "clef-small", 1},
        {"clef-small-4999", "clef-small", 1},  {"clef-small-12lead", "clef-small", 12},
        {"clef-medium", "clef-medium", 1},     {"clef-large", "clef-large", 1},
        {"ecgfounder-1lead", "ecgfounder", 1}, {"ecgfounder-12lead", "ecgfounder", 12}};
    const torch::NoGradGuard no_gradients;
    for (const auto& [key, architecture, leads] : cases) {
        const auto samples = goldens.at(key).at("shape")[2].get<std::size_t>();
        const auto expected =
            torch::tensor(goldens.at(key).at("y").get<std::vector<double>>(), torch::kFloat64);
        const Model model = testing::procedural_model(architecture, leads);
        Net1dModule module(model.shape);
        module.load(model);
        const auto input =
            testing::procedural_input(key, static_cast<std::size_t>(leads) * samples);
        const torch::Tensor found =
            module.forward(as_batch(input, 1, leads))[0].to(torch::kFloat64);
        const double error = ((found - expected).abs().max() / expected.abs().max()).item<double>();
        EXPECT_LT(error, 1e-4) << key;
    }
}

TEST(Net1dModule, AgreesWithTheRuntimeOnOddLengths) {
    const Model model = random_model("clef-small", 1, 5);
    Net1dModule module(model.shape);
    module.load(model);
    const Session session(model);
    const torch::NoGradGuard no_gradients;
    for (const std::size_t samples : {1U, 2U, 17U, 333U, 1250U}) {
        const auto input = testing::procedural_input("odd", samples);
        const auto expected = session.run(input);
        const torch::Tensor found = module.forward(as_batch(input, 1, 1))[0];
        for (std::size_t i = 0; i < expected.size(); ++i) {
            EXPECT_NEAR(found[static_cast<std::int64_t>(i)].item<float>(), expected[i], 1e-5)
                << samples;
        }
    }
}

// On random weights and a window of noise: with the goldens' cases, every size on two inputs.
TEST(Net1dModule, AgreesWithTheRuntimeOnEverySize) {
    const torch::NoGradGuard no_gradients;
    for (const char* architecture : {"clef-small", "clef-medium", "ecgfounder", "clef-large"}) {
        for (const int leads : {1, 12}) {
            if (leads == 12 && std::string(architecture) == "clef-large") continue;
            const Model model = random_model(architecture, leads, 11);
            Net1dModule module(model.shape);
            module.load(model);
            const Session session(model);
            const auto input =
                testing::procedural_input("every size", static_cast<std::size_t>(leads) * 3001);
            const auto found = session.run(input);
            const torch::Tensor output =
                module.forward(as_batch(input, 1, leads))[0].to(torch::kFloat64).contiguous();
            const auto* first = output.data_ptr<double>();
            EXPECT_LT(testing::relative_error(found, {first, first + output.numel()}), 1e-4)
                << architecture << " " << leads;
        }
    }
}

TEST(Net1dModule, LoadAndStoreKeepEveryTensor) {
    const Model model = testing::procedural_model("clef-small");
    Net1dModule module(model.shape);
    module.load(model);
    Model stored = model;
    stored.tensors.clear();
    module.store(stored);
    ASSERT_EQ(stored.tensors.size(), model.tensors.size());
    for (const auto& [name, tensor] : model.tensors) {
        EXPECT_EQ(stored.tensors.at(name).data, tensor.data) << name;
        EXPECT_EQ(stored.tensors.at(name).shape, tensor.shape) << name;
    }
}

// Loss and gradients of the whole batch in one piece, by libtorch alone.
std::vector<torch::Tensor> whole_gradients(const Model& model, const torch::Tensor& views,
                                           double& loss) {
    Net1dModule module(model.shape);
    module.load(model);
    std::vector<torch::Tensor> parameters;
    for (auto& [name, tensor] : module.trained())
        parameters.push_back(tensor.set_requires_grad(true));
    const torch::Tensor value = module.forward(views).square().mean();
    loss = value.item<double>();
    return torch::autograd::grad({value}, parameters);
}

TEST(TrainedEncoder, GivesTheGradientsOfTheWholeBatchForAnyNumberOfThreads) {
    const Model model = random_model("clef-small", 1, 6);
    Random random(1, "views");
    std::vector<float> values(19 * 200);
    for (float& value : values) value = static_cast<float>(random.normal());
    const torch::Tensor views = as_batch(values, 19, 1);
    double expected_loss = 0;
    const auto expected = whole_gradients(model, views, expected_loss);

    std::vector<torch::Tensor> first_run;
    for (const unsigned threads : {1U, 3U}) {
        Net1dModule module(model.shape);
        module.load(model);
        for (auto& [name, tensor] : module.trained()) tensor.set_requires_grad(true);
        TrainedEncoder encoder(module, model.shape, threads);
        const torch::Tensor embeddings = encoder.forward(views);
        const torch::Tensor loss = embeddings.square().mean();
        EXPECT_NEAR(loss.item<double>(), expected_loss, 1e-6 * expected_loss);
        loss.backward();
        encoder.backward(embeddings);
        const auto trained = module.trained();
        ASSERT_EQ(trained.size(), expected.size());
        for (std::size_t i = 0; i < trained.size(); ++i) {
            const torch::Tensor gradient = trained[i].second.grad();
            const double scale = expected[i].abs().max().item<double>() + 1e-6;
            EXPECT_LT((gradient - expected[i]).abs().max().item<double>() / scale, 1e-3)
                << trained[i].first;
            if (threads == 1) {
                first_run.push_back(gradient.clone());
            } else {
                EXPECT_TRUE(torch::equal(gradient, first_run[i])) << trained[i].first;
            }
        }
    }
}

TEST(Net1dModule, GradientAgreesWithFiniteDifferences) {
    const Model model = random_model("clef-small", 1, 7);
    Net1dModule module(model.shape);
    module.load(model);
    module.to(torch::kFloat64);
    const torch::Tensor views =
        as_batch(testing::procedural_input("gradient", 2 * 128), 2, 1).to(torch::kFloat64);
    const auto loss = [&] { return module.forward(views).square().mean(); };
    for (const auto& [name, tensor] : module.trained()) {
        torch::Tensor parameter = tensor;
        parameter.set_requires_grad(true);
    }
    loss().backward();

    const torch::NoGradGuard no_gradients;
    const double step = 1e-6;  // small: max-pooling has kinks
    for (const auto& [name, tensor] : module.trained()) {
        // The entry with the largest gradient of every tensor.
        const torch::Tensor gradient = tensor.grad().flatten();
        const auto at = gradient.abs().argmax().item<std::int64_t>();
        torch::Tensor entry = tensor.view(-1)[at];
        entry += step;
        const double above = loss().item<double>();
        entry -= 2 * step;
        const double below = loss().item<double>();
        entry += step;
        const double expected = (above - below) / (2 * step);
        EXPECT_NEAR(gradient[at].item<double>(), expected, 1e-4 * std::abs(expected)) << name;
    }
}

}  // namespace
}  // namespace clef
