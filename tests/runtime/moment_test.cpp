// MOMENT against its published code (tests/data/runtime/moment): lengths, leads, missing samples, a
// constant signal; and what it does with windows that it cannot take.
#include "encoder/moment.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"
#include "runtime/network.hpp"
#include "runtime/session.hpp"

namespace clef {
namespace {

using nlohmann::json;

const json& goldens() {
    static const json list = [] {
        std::ifstream file(std::string(CLEF_TEST_DATA) + "/runtime/moment/goldens.json");
        return json::parse(file);
    }();
    return list;
}

// T5 does not divide its scores: with procedural queries as they are, every softmax is saturated
// and float32 itself is lost after twelve layers (make_goldens.py). `queries` times them, 1/8, has
// the size that T5 draws.
Model model_of(const std::string& size, float queries) {
    Model model = empty_model(size, 12);
    for (const TensorSpec& spec : model_tensors(model)) {
        Tensor& tensor = model.tensors[spec.name];
        tensor = testing::procedural_tensor(spec);
        if (!spec.name.ends_with("SelfAttention.q.weight")) continue;
        for (float& value : tensor.floats()) value *= queries;
    }
    return model;
}

// The base size's are 400 MB: one at a time.
const Network& network_of(const std::string& size, float queries) {
    static std::string held;
    static std::unique_ptr<const Network> network;
    const std::string wanted = fmt::format("{} {}", size, queries);
    if (held != wanted) {
        network.reset();
        Model model = model_of(size, queries);
        Weights weights(model.tensors);
        network = make_network(model, weights);
        held = wanted;
    }
    return *network;
}

const Network& base() {
    return network_of("moment-1-base", 0.125F);
}

struct Input {
    std::vector<float> samples;
    std::vector<std::uint8_t> observed;
    std::vector<std::size_t> channels;
    std::size_t length;
    NetworkInput view() const { return {samples, length, channels, observed}; }
};

Input input_of(const std::string& key, const json& golden) {
    Input input;
    input.length = golden.at("samples").get<std::size_t>();
    input.channels.resize(golden.at("leads").get<std::size_t>());
    std::iota(input.channels.begin(), input.channels.end(), 0);
    input.samples = testing::procedural_input(key, input.channels.size() * input.length);
    for (float& value : input.samples) {
        value = golden.at("scale").get<float>() * value + golden.at("offset").get<float>();
    }
    if (golden.at("missing").is_null()) return input;
    const auto missing = golden.at("missing").get<std::array<std::size_t, 2>>();
    for (std::size_t i = 0; i < input.samples.size(); ++i) {
        const std::size_t at = i % input.length;
        input.observed.push_back(at >= missing[0] && at < missing[1] ? 0 : 1);
    }
    return input;
}

// Of every fourth number, as the file has them.
double error_of(const std::vector<float>& output, const json& golden) {
    std::vector<float> some;
    for (std::size_t i = 0; i < output.size(); i += 4) some.push_back(output[i]);
    return testing::relative_error(some, golden.at("y").get<std::vector<double>>());
}

double error_of_case(const std::string& key) {
    const json& golden = goldens().at(key);
    const Network& network =
        network_of(golden.at("size").get<std::string>(), golden.at("queries").get<float>());
    return error_of(network.run(input_of(key, golden).view()), golden);
}

}  // namespace

class MomentGoldens : public ::testing::TestWithParam<const char*> {};

TEST_P(MomentGoldens, AgreeWithThePublishedCode) {
    const double error = error_of_case(GetParam());
    EXPECT_LT(error, 1e-5);
    RecordProperty("error", fmt::format("{:.2e}", error));
}

INSTANTIATE_TEST_SUITE_P(Moment, MomentGoldens,
                         ::testing::Values("moment-512-calm", "moment-512-leads-calm",
                                           "moment-8-calm", "moment-251-calm", "moment-5000-calm",
                                           "moment-512-gap-calm", "moment-512-short-calm",
                                           "moment-512-constant-calm", "moment-512-faint-calm",
                                           "moment-batch-0", "moment-batch-1", "moment-batch-2",
                                           "moment-batch-3", "moment-batch-4",
                                           "moment-512-small-calm"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// With the procedural weights as they are PyTorch's float32 is 1e-4 to 2e-3 from its own double
// precision (the file says by how much for each); here, 1.2 to 2.3 times as much.
TEST(Moment, LosesFloat32AsPyTorchDoesWhereSoftmaxesAreSaturated) {
    for (const auto& [key, golden] : goldens().items()) {
        if (golden.at("queries") != 1 || golden.at("size") != "moment-1-base") continue;
        const double error = error_of_case(key);
        EXPECT_LT(error, std::max(1e-4, 3 * golden.at("float32").get<double>())) << key;
        RecordProperty(key, fmt::format("{:.2e}", error));
    }
}

TEST(Moment, AgreesOnEveryInstructionSet) {
    const json& golden = goldens().at("moment-251-calm");
    const Input input = input_of("moment-251-calm", golden);
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        EXPECT_LT(error_of(base().run(input.view()), golden), 1e-5) << set;
    }
    use_instruction_set("");
}

TEST(Moment, ALeadIsASeriesOfItsOwn) {
    const auto two = testing::procedural_input("two leads", std::size_t{2} * 64);
    const std::array<std::size_t, 2> first_two = {0, 1};
    const std::array<std::size_t, 2> others = {7, 3};
    const auto together = base().run({two, 64, first_two});
    EXPECT_EQ(together, base().run({two, 64, others}));
    const std::array<std::size_t, 1> one = {0};
    const auto a = base().run({std::span(two).first(64), 64, one});
    const auto b = base().run({std::span(two).last(64), 64, one});
    std::vector<double> mean(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) mean[i] = (double{a[i]} + b[i]) / 2;
    EXPECT_LT(testing::relative_error(together, mean), 1e-6);
}

TEST(Moment, OnlyWholePatchesThatAreObservedCount) {
    const std::array<std::size_t, 1> one = {0};
    const auto samples = testing::procedural_input("patches", 64);
    std::vector<std::uint8_t> observed(64, 1);
    observed[17] = 0;  // of the third patch
    const auto first = base().run({samples, 64, one, observed});
    // What stands in a patch that is not whole changes nothing but RevIN's numbers, and of a
    // missing sample not even those.
    auto other = samples;
    other[17] = 99;
    EXPECT_EQ(base().run({other, 64, one, observed}), first);
    EXPECT_NE(base().run({samples, 64, one}), first);
    // A lead without any takes no part.
    auto two = samples;
    two.insert(two.end(), samples.begin(), samples.end());
    observed.resize(128, 0);
    const std::array<std::size_t, 2> leads = {0, 1};
    EXPECT_EQ(base().run({two, 64, leads, observed}), first);
    observed.assign(128, 0);
    testing::expect_input_error(
        [&] {
            base().run({two, 64, leads, observed});
        },
        {"without 8 observed ones in a row"});
}

TEST(Moment, RefusesWindowsOfNoPatchAndOfTooMany) {
    const std::array<std::size_t, 1> one = {0};
    const std::vector<float> samples(40'008);
    testing::expect_input_error(
        [&] {
            base().run({std::span(samples).first(7), 7, one});
        },
        {"7 samples", "1 to 5000 patches of 8"});
    testing::expect_input_error(
        [&] {
            base().run({samples, samples.size(), one});
        },
        {"40008 samples"});
}

TEST(Moment, TheSameBitsForAnyCompany) {
    const Session session(random_model("moment-1-small", 12, 5));
    std::vector<std::vector<float>> windows;
    for (int i = 0; i < 5; ++i) {
        windows.push_back(testing::procedural_input(fmt::format("window{}", i), 12 * 512));
    }
    const auto together = session.run(windows, 2);
    ASSERT_EQ(together.size(), 5U * 512);
    for (std::size_t i = 0; i < 5; ++i) {
        const auto alone = session.run(windows[i]);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               together.begin() + static_cast<std::ptrdiff_t>(i * 512)));
    }
}

}  // namespace clef
