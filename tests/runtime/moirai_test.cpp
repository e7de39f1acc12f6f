// Moirai: against PyTorch's answers (goldens/moirai.json), and its corners: a constant signal,
// lengths that are no whole number of patches, fewer leads.
#include "encoder/moirai.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "encoder/as_released.hpp"
#include "procedural.hpp"
#include "runtime/network.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

constexpr std::array<std::size_t, 1> one_lead = {0};

// One set of weights for all tests: the base size's are 342 MB.
const Model& base() {
    static const Model model = [] {
        Model filled = empty_model("moirai-1.1-r-base", 12);
        for (const TensorSpec& spec : model_tensors(filled)) {
            filled.tensors[spec.name] = testing::procedural_tensor(spec);
        }
        return filled;
    }();
    return model;
}

std::unique_ptr<const Network> network_of(const Tensors& tensors, const MoiraiShape& shape) {
    Model numbers = empty_model("moirai-1.1-r-base", 12);
    numbers.config = moirai_json(shape);
    Weights weights(tensors);
    return make_network(numbers, weights);
}

std::unique_ptr<const Network> base_network(int patch) {
    MoiraiShape shape = parse_moirai(base().config);
    shape.patch = patch;
    return network_of(base().tensors, shape);
}

// Weights that run in no time.
MoiraiShape tiny_shape() {
    MoiraiShape shape;
    shape.input_leads = 3;
    shape.patch = 8;
    shape.width = 24;
    shape.depth = 2;
    shape.heads = 3;
    shape.head_width = 8;
    shape.hidden = 40;
    return shape;
}

const Network& tiny() {
    static const std::unique_ptr<const Network> network = [] {
        Tensors tensors;
        for (const TensorSpec& spec : moirai_tensors(tiny_shape())) {
            tensors[spec.name] = testing::procedural_tensor(spec);
        }
        return network_of(tensors, tiny_shape());
    }();
    return *network;
}

std::vector<float> run_tiny(const std::vector<float>& window, std::vector<std::size_t> channels) {
    return tiny().run({window, window.size() / channels.size(), channels});
}

void expect_golden(const std::string& key, const std::vector<const char*>& sets) {
    std::ifstream file(testing::shared_folder() / "goldens/moirai.json");
    const auto golden = nlohmann::json::parse(file).at(key);
    const auto samples = golden.at("samples").get<std::size_t>();
    std::vector<float> input = testing::procedural_input(key, samples);
    for (float& value : input) {
        value = golden.at("scale").get<float>() * value + golden.at("offset").get<float>();
    }
    std::vector<std::uint8_t> observed(samples, 1);
    if (!golden.at("gap").is_null()) {
        const auto gap = golden.at("gap").get<std::array<std::size_t, 2>>();
        for (std::size_t i = gap[0]; i < gap[1]; ++i) observed[i] = 0;
    }
    const auto network = base_network(golden.at("patch").get<int>());
    const auto expected = golden.at("mean").get<std::vector<double>>();
    for (const char* set : sets) {
        use_instruction_set(set);
        const double error =
            testing::relative_error(network->run({input, samples, one_lead, observed}), expected);
        EXPECT_LT(error, 1e-4) << set;
        ::testing::Test::RecordProperty(set, fmt::format("{:.2e}", error));
    }
    use_instruction_set("");
}

}  // namespace

TEST(Moirai, AgreesWithPyTorchOnTenSecondsInPatchesOf64) {
    CLEF_REQUIRE_SHARED("goldens/moirai.json");
    expect_golden("moirai-5000-64", {instruction_sets().front()});
}

TEST(Moirai, AgreesWithPyTorchOnTenSecondsInPatchesOf128OnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/moirai.json");
    expect_golden("moirai-5000-128", instruction_sets());
}

TEST(Moirai, AgreesWithPyTorchWhereSamplesAreMissing) {
    CLEF_REQUIRE_SHARED("goldens/moirai.json");
    expect_golden("moirai-1000-32-gap", {instruction_sets().front()});
}

TEST(Moirai, AgreesWithPyTorchInPatchesOf8) {
    CLEF_REQUIRE_SHARED("goldens/moirai.json");
    expect_golden("moirai-512-8", {instruction_sets().front()});
}

// Answers of windows of several leads: tests/data/runtime/make_moirai.py.
TEST(Moirai, LeadsAreVariatesAndZerosFillTheFirstPatch) {
    const std::vector<double> three = {
        -0.129688, -2.182397, 1.464268,  -0.903716, -0.170105, -0.779648, 0.397719,  1.007704,
        1.253177,  -0.878167, -0.006136, 0.355325,  -0.194474, 0.662281,  -0.578857, 1.643338,
        0.675615,  -0.782782, 1.307954,  0.824797,  0.633535,  -2.121197, -0.842686, 0.125010};
    const auto window = testing::procedural_input("leads", std::size_t{3} * 29);
    EXPECT_LT(testing::relative_error(run_tiny(window, {0, 1, 2}), three), 1e-4);

    // Two of the three: which two makes no difference.
    const std::vector<double> two = {
        0.140199, -2.285917, 1.253671,  -0.587189, -0.429061, -0.867630, 0.445474,  1.245256,
        1.441175, -0.975295, -0.016164, 0.576268,  -0.480349, 0.468402,  -0.155206, 1.268678,
        0.946206, -0.983032, 1.453004,  1.115138,  0.611966,  -1.464119, -1.099017, 0.132214};
    const auto fewer = testing::procedural_input("leads", std::size_t{2} * 16);
    EXPECT_LT(testing::relative_error(run_tiny(fewer, {0, 1}), two), 1e-4);
    EXPECT_EQ(run_tiny(fewer, {0, 1}), run_tiny(fewer, {2, 1}));
}

TEST(Moirai, AConstantLeadBecomesZeros) {
    const std::vector<double> expected = {
        -0.028337, -2.343979, 1.241349,  -0.677476, -0.458300, -0.894358, 0.431776,  1.266587,
        1.415093,  -0.931097, -0.097743, 0.426595,  -0.369144, 0.507348,  -0.336241, 1.352926,
        0.784833,  -0.834595, 1.398704,  0.962829,  0.579272,  -1.687001, -1.069915, 0.125702};
    std::vector<float> window(24, 1.5F);
    const auto other = testing::procedural_input("leads", 24);
    window.insert(window.end(), other.begin(), other.end());
    EXPECT_LT(testing::relative_error(run_tiny(window, {0, 1}), expected), 1e-4);
    // Whatever the constant was, and a single sample too, which has no deviation.
    EXPECT_EQ(run_tiny(std::vector<float>(24, -0.3F), {0}),
              run_tiny(std::vector<float>(24, 1.5F), {0}));
    for (const float value : run_tiny({0.7F}, {0})) EXPECT_TRUE(std::isfinite(value));
}

TEST(Moirai, ValuesOfMissingSamplesStayOutOfTheScale) {
    const auto window = testing::procedural_input("leads", 16);
    std::vector<std::uint8_t> observed(16, 1);
    const auto run = [&] { return tiny().run({window, 16, one_lead, observed}); };
    const auto all = run();
    EXPECT_EQ(all, run_tiny(window, {0}));
    observed[3] = 0;
    EXPECT_NE(run(), all);
    observed.assign(16, 0);  // nothing known: as it is, over the smallest deviation
    for (const float value : run()) EXPECT_TRUE(std::isfinite(value));
}

// Whole patches before the first observed sample; without them the same, shorter window.
TEST(Moirai, WhatStandsBeforeTheFirstObservedSampleIsNotThere) {
    const auto window = testing::procedural_input("padded", 24);
    std::vector<float> padded(40, 0);
    padded.insert(padded.end(), window.begin(), window.end());
    std::vector<std::uint8_t> observed(40, 0);
    observed.resize(64, 1);
    EXPECT_EQ(tiny().run({padded, 64, one_lead, observed}), run_tiny(window, {0}));
    EXPECT_NE(run_tiny(padded, {0}), run_tiny(window, {0}));
}

// The released comparison's fault: whatever the recording, the same numbers.
TEST(Moirai, AsReleasedDoesNotDependOnTheRecording) {
    const Model own = random_model("moirai-1.1-r-small", 12, 5);
    const Session session(as_released(own, "as-released", 0));
    const auto first = session.run(testing::procedural_input("one", 5000));
    EXPECT_EQ(session.run(testing::procedural_input("another", 5000)), first);
    EXPECT_TRUE(std::all_of(first.begin(), first.end(), [](float x) { return std::isfinite(x); }));
}

TEST(Moirai, AWindowIsTheSameOnAnyNumberOfThreads) {
    Model model = random_model("moirai-1.1-r-small", 12, 5);
    const Session session(std::move(model));
    std::vector<std::vector<float>> windows;
    for (int i = 0; i < 5; ++i) {
        windows.push_back(testing::procedural_input(fmt::format("window{}", i), 3000));
    }
    const auto together = session.run(windows, 2);
    ASSERT_EQ(together.size(), 5U * 384);
    for (std::size_t i = 0; i < 5; ++i) {
        const auto alone = session.run(windows[i]);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               together.begin() + static_cast<std::ptrdiff_t>(i * 384)));
    }
}

}  // namespace clef
