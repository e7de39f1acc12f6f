// The families' libtorch modules against the runtime, and their gradients against finite
// differences.
#include "training/encoder_module.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "base/error.hpp"
#include "families.hpp"
#include "procedural.hpp"
#include "runtime/network.hpp"
#include "runtime/session.hpp"

namespace clef {
namespace {

ModuleInput as_input(const std::vector<float>& values, std::int64_t rows,
                     const std::vector<std::size_t>& channels) {
    return {torch::tensor(values).reshape({rows, static_cast<std::int64_t>(channels.size()), -1}),
            {channels.begin(), channels.end()}};
}

// Largest difference over the largest magnitude.
double error_of(const torch::Tensor& found, const std::vector<float>& expected) {
    const torch::Tensor wanted = torch::tensor(expected).to(torch::kFloat64);
    return ((found.detach().to(torch::kFloat64) - wanted).abs().max() / wanted.abs().max())
        .item<double>();
}

// A batch of three by the module, one after the other by the runtime.
void expect_agreement(const Model& model, std::size_t samples,
                      const std::vector<std::size_t>& channels, std::int64_t batch = 3) {
    const auto module = make_encoder_module(model);
    const Session session(model);
    ASSERT_EQ(module->embedding_size(), session.output_size());
    const std::size_t size = channels.size() * samples;
    const auto values = testing::procedural_input("module", static_cast<std::size_t>(batch) * size);
    const torch::NoGradGuard no_gradients;
    const torch::Tensor found = module->forward(as_input(values, batch, channels));
    for (std::int64_t i = 0; i < batch; ++i) {
        const auto window = std::span(values).subspan(static_cast<std::size_t>(i) * size, size);
        EXPECT_LT(error_of(found[i], session.run(window, channels)), 1e-4)
            << model.architecture << ", " << samples << " samples, " << channels.size()
            << " leads, window " << i;
    }
}

TEST(EncoderModule, AgreesWithTheRuntimeOnManyLengthsAndLeads) {
    const std::map<std::string, std::vector<std::size_t>> lengths = {
        {"xresnet1d", {1, 2, 31, 64, 333}},
        {"st-mem", {5, 10, 30, 150}},
        {"moirai", {1, 7, 8, 29, 64}},
        {"moment", {4, 7, 8, 30, 80}}};
    for (const std::string& family : testing::tiny_families()) {
        const Model model = testing::tiny_model(family);
        for (const std::size_t samples : lengths.at(family)) {
            for (const std::vector<std::size_t>& channels :
                 {std::vector<std::size_t>{0, 1, 2}, {1}, {2, 0}}) {
                expect_agreement(model, samples, channels);
            }
        }
    }
}

TEST(EncoderModule, AgreesWithTheRuntimeInThePublishedSizes) {
    std::vector<std::size_t> all(12);
    std::iota(all.begin(), all.end(), std::size_t{0});
    expect_agreement(random_model("ked", 12, 3), 1000, all, 2);
    expect_agreement(random_model("st-mem", 12, 3), 2250, {1, 7}, 1);
    expect_agreement(random_model("moirai-1.1-r-small", 12, 3), 5000, {4, 1}, 1);
    expect_agreement(random_model("moment-1-small", 12, 3), 512, {4, 1}, 1);
}

// The second lead of the second case has no whole patch.
TEST(EncoderModule, AMissingSampleIsWhatItIsInTheRuntime) {
    const std::vector<std::size_t> channels = {0, 1};
    const auto window = testing::procedural_input("module", std::size_t{2} * 29);
    for (const char* family : {"moirai", "moment"}) {
        const Model model = testing::tiny_model(family);
        Weights weights(model.tensors);
        const auto network = make_network(model, weights);
        const auto module = make_encoder_module(model);
        for (const std::size_t apart : {11U, 2U, 0U}) {
            std::vector<std::uint8_t> observed(window.size(), 1);
            for (const std::size_t i : {3U, 4U, 28U}) observed[i] = 0;
            if (apart > 0) {
                for (std::size_t i = 29; i < observed.size(); i += apart) observed[i] = 0;
            } else {  // padding before both leads, to within Moirai's third patch
                std::fill_n(observed.begin(), 15, 0);
                std::fill_n(observed.begin() + 29, 16, 0);
            }
            ModuleInput input = as_input(window, 1, channels);
            const torch::Tensor all = module->forward(input)[0];
            input.observed = torch::tensor(std::vector<int>(observed.begin(), observed.end()))
                                 .reshape({1, 2, 29})
                                 .to(torch::kBool);
            const torch::Tensor found = module->forward(input)[0];
            EXPECT_LT(error_of(found, network->run({window, 29, channels, observed})), 1e-4)
                << family;
            EXPECT_FALSE(torch::equal(found, all)) << family;
        }
        ModuleInput nothing = as_input(window, 1, channels);
        nothing.observed = torch::zeros({1, 2, 29}, torch::kBool);
        if (model.family == "moment") {
            EXPECT_THROW(module->forward(nothing), InputError);
        }
    }
}

// The entry of the largest gradient of every tensor, in double precision.
void expect_finite_differences(const Model& model, std::size_t samples, bool training,
                               const std::vector<std::size_t>& channels) {
    const auto module = make_encoder_module(model);
    module->train(training);
    module->to(torch::kFloat64);
    const ModuleInput input = [&] {
        ModuleInput made = as_input(
            testing::procedural_input("gradient", 3 * channels.size() * samples), 3, channels);
        made.samples = made.samples.to(torch::kFloat64);
        return made;
    }();
    const torch::Tensor direction =
        torch::arange(static_cast<std::int64_t>(module->embedding_size()), torch::kFloat64).cos();
    const auto loss = [&] { return (module->forward(input) * direction).square().mean(); };
    loss().backward();
    const torch::NoGradGuard no_gradients;
    const double step = 1e-6;  // small: rectifiers and pooling have kinks
    for (const auto& [name, tensor] : module->trained()) {
        if (name == "lead_embeddings.1" || name.ends_with("mask_embedding")) {
            // No window holds that lead, nor misses a patch.
            EXPECT_FALSE(tensor.grad().defined() && tensor.grad().any().item<bool>());
            continue;
        }
        ASSERT_TRUE(tensor.grad().defined()) << name;
        const torch::Tensor gradient = tensor.grad().flatten();
        const auto at = gradient.abs().argmax().item<std::int64_t>();
        torch::Tensor entry = tensor.view(-1)[at];
        entry += step;
        const double above = loss().item<double>();
        entry -= 2 * step;
        const double below = loss().item<double>();
        entry += step;
        const double expected = (above - below) / (2 * step);
        EXPECT_NEAR(gradient[at].item<double>(), expected, 2e-4 * std::abs(expected) + 1e-9)
            << model.family << " " << name;
    }
}

TEST(EncoderModule, GradientsAgreeWithFiniteDifferences) {
    expect_finite_differences(testing::tiny_model("xresnet1d"), 90, false, {0, 1, 2});
    expect_finite_differences(testing::tiny_model("xresnet1d"), 90, true, {0, 1, 2});
    expect_finite_differences(testing::tiny_model("st-mem"), 20, true, {0, 2});
    expect_finite_differences(testing::tiny_model("moirai"), 21, true, {0, 2});
    expect_finite_differences(testing::tiny_model("moment"), 33, true, {0, 2});
}

// The first norm by hand: means and variances over windows and time.
TEST(EncoderModule, BatchNormLearnsByTheBatchAndItsStatisticsFollow) {
    const Model model = testing::tiny_model("xresnet1d");
    const auto module = make_encoder_module(model);
    const std::vector<std::size_t> channels = {0, 1, 2};
    const std::int64_t samples = 21, batch = 2, outputs = 11;
    const auto values = testing::procedural_input("norm", std::size_t{2} * 3 * 21);
    const ModuleInput input = as_input(values, batch, channels);
    const torch::NoGradGuard no_gradients;
    const torch::Tensor before = module->forward(input);
    EXPECT_TRUE(torch::equal(before, module->forward(input)));  // evaluation moves nothing
    module->train();
    const torch::Tensor found = module->forward(input);
    EXPECT_FALSE(torch::allclose(found, before));
    module->eval();
    EXPECT_FALSE(torch::allclose(module->forward(input), before));

    const auto weight = model.tensors.at("0.0.weight").floats();  // 4 × 3 × 3, stride 2
    std::vector<double> convolved;
    for (std::int64_t b = 0; b < batch; ++b) {
        for (std::int64_t t = 0; t < outputs; ++t) {
            double sum = 0;
            for (std::int64_t lead = 0; lead < 3; ++lead) {
                for (std::int64_t tap = 0; tap < 3; ++tap) {
                    const std::int64_t at = 2 * t + tap - 1;
                    if (at < 0 || at >= samples) continue;
                    sum += double{weight[static_cast<std::size_t>(lead * 3 + tap)]} *
                           values[static_cast<std::size_t>((b * 3 + lead) * samples + at)];
                }
            }
            convolved.push_back(sum);
        }
    }
    const auto count = static_cast<double>(convolved.size());
    double mean = 0, squares = 0;
    for (const double value : convolved) mean += value / count;
    for (const double value : convolved) squares += (value - mean) * (value - mean);
    for (const auto& [name, tensor] : module->moved()) {
        if (name != "0.1.running_mean" && name != "0.1.running_var") continue;
        const double old = model.tensors.at(name).floats()[0];
        const double batch_own = name == "0.1.running_mean" ? mean : squares / (count - 1);
        EXPECT_NEAR(tensor[0].item<double>(), 0.9 * old + 0.1 * batch_own, 1e-6) << name;
    }
    // One window that leaves one value has no variance.
    module->train();
    EXPECT_THROW(module->forward(as_input({0.1F, 0.2F, 0.3F}, 1, channels)), InputError);
}

TEST(EncoderModule, StoresWhatItLoadedAndSaysHowDeepEachTensorLies) {
    for (const std::string& family : testing::tiny_families()) {
        const Model model = testing::tiny_model(family);
        const auto module = make_encoder_module(model);
        Model stored = model;
        stored.tensors.clear();
        module->store(stored);
        ASSERT_EQ(stored.tensors.size(), model.tensors.size());
        for (const auto& [name, tensor] : model.tensors) {
            EXPECT_EQ(stored.tensors.at(name).data, tensor.data) << name;
        }
        std::set<std::size_t> depths;
        for (const auto& [name, tensor] : module->trained()) depths.insert(module->depth_of(name));
        // Every block has its own, the stem too; behind the blocks, the transformers have a norm.
        EXPECT_EQ(depths.size(), module->depth() + (family == "xresnet1d" ? 1 : 2)) << family;
        EXPECT_EQ(*depths.begin(), 0U);
    }
    const auto depth = [](const char* family, const char* name) {
        return make_encoder_module(testing::tiny_model(family))->depth_of(name);
    };
    EXPECT_EQ(depth("xresnet1d", "0.0.weight"), 0U);
    EXPECT_EQ(depth("xresnet1d", "5.1.convs.2.0.weight"), 3U);
    EXPECT_EQ(depth("st-mem", "pos_embedding"), 0U);
    EXPECT_EQ(depth("st-mem", "block1.ff.norm.weight"), 2U);
    EXPECT_EQ(depth("st-mem", "norm.bias"), 3U);
    EXPECT_EQ(depth("moirai", "in_proj.weight"), 0U);
    EXPECT_EQ(depth("moirai", "encoder.layers.0.ffn.fc1.weight"), 1U);
    EXPECT_EQ(depth("moirai", "encoder.norm.weight"), 3U);
    EXPECT_EQ(depth("moment", "patch_embedding.value_embedding.weight"), 0U);
    EXPECT_EQ(depth("moment", "encoder.block.1.layer.0.SelfAttention.q.weight"), 2U);
    EXPECT_EQ(depth("moment", "encoder.final_layer_norm.weight"), 3U);
}

// ST-MEM's positions are learnt, MOMENT's are not; statistics and their counter move by themselves.
TEST(EncoderModule, TrainsWhatIsTrainedUpstream) {
    const std::map<std::string, std::set<std::string>> fixed = {
        {"xresnet1d", {"running_mean", "running_var", "num_batches_tracked"}},
        {"st-mem", {}},
        {"moirai", {}},
        {"moment", {"pe"}}};
    for (const std::string& family : testing::tiny_families()) {
        const Model model = testing::tiny_model(family);
        std::set<std::string> trained;
        for (const auto& [name, tensor] : make_encoder_module(model)->trained()) {
            trained.insert(name);
        }
        for (const auto& [name, tensor] : model.tensors) {
            const std::string leaf = name.substr(name.rfind('.') + 1);
            EXPECT_EQ(trained.contains(name), !fixed.at(family).contains(leaf)) << name;
        }
    }
}

TEST(EncoderModule, RefusesWhatTheEncoderCannotTake) {
    const auto st_mem = make_encoder_module(testing::tiny_model("st-mem"));
    EXPECT_THROW(st_mem->forward(as_input(std::vector<float>(7), 1, {0})), InputError);
    EXPECT_THROW(st_mem->forward(as_input(std::vector<float>(155), 1, {0})), InputError);
    EXPECT_THROW(st_mem->forward(as_input(std::vector<float>(10), 1, {1, 1})), InputError);
    EXPECT_THROW(st_mem->forward(as_input(std::vector<float>(5), 1, {3})), InputError);
    Model other = random_model("clef-small", 1, 1);
    EXPECT_THROW(make_encoder_module(other), InputError);
}

}  // namespace
}  // namespace clef
