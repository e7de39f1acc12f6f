// KED and ST-MEM: against PyTorch's answers (goldens/baselines.json), and what they do with fewer
// leads, other lengths and other windows beside them.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "encoder/model.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Session procedural_session(const char* architecture) {
    Model model = empty_model(architecture, 12);
    for (const TensorSpec& spec : model_tensors(model)) {
        model.tensors[spec.name] = testing::procedural_tensor(spec);
    }
    return Session(std::move(model));
}

// One of each for all tests: ST-MEM's weights are 340 MB.
const Session& ked() {
    static const Session session = procedural_session("ked");
    return session;
}

const Session& st_mem() {
    static const Session session = procedural_session("st-mem");
    return session;
}

void expect_golden(const Session& session, const char* key, std::span<const std::size_t> channels,
                   const std::vector<const char*>& sets) {
    std::ifstream file(testing::shared_folder() / "goldens/baselines.json");
    const auto golden = nlohmann::json::parse(file).at(key);
    const auto shape = golden.at("shape").get<std::vector<std::size_t>>();
    const auto input = testing::procedural_input(key, shape[1] * shape[2]);
    const auto expected = golden.at("y").get<std::vector<double>>();
    for (const char* set : sets) {
        use_instruction_set(set);
        const double error = testing::relative_error(session.run(input, channels), expected);
        EXPECT_LT(error, 1e-4) << set;
        ::testing::Test::RecordProperty(set, fmt::format("{:.2e}", error));
    }
    use_instruction_set("");
}

constexpr std::array<std::size_t, 1> lead_i = {0};

}  // namespace

TEST(Ked, AgreesWithPyTorchOnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(ked(), "ked-12lead", {}, instruction_sets());
}

// The scalar set would take a minute; a single lead runs on all of them.
TEST(StMem, AgreesWithPyTorchOnTwelveLeads) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(st_mem(), "st-mem-12lead", {}, {instruction_sets().front()});
}

TEST(StMem, AgreesWithPyTorchOnOneLeadOnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(st_mem(), "st-mem-1lead", lead_i, instruction_sets());
}

TEST(Ked, FewerLeadsAreZerosInTheOtherChannels) {
    const auto two = testing::procedural_input("two leads", 2 * 700);
    std::vector<float> twelve(12 * 700);
    std::copy_n(two.begin(), 700, twelve.begin() + 7 * 700);
    std::copy_n(two.begin() + 700, 700, twelve.begin() + 1 * 700);
    const auto expected = ked().run(twelve);
    ked().run(testing::procedural_input("leftovers in the channels", 12 * 700));
    EXPECT_EQ(ked().run(two, std::array<std::size_t, 2>{7, 1}), expected);
}

TEST(Ked, TakesAnyLengthAndConstantSignals) {
    for (const std::size_t samples : {1U, 2U, 3U, 5U, 31U, 33U, 250U, 1001U}) {
        std::vector<float> window(12 * samples, 0.5F);
        for (const float value : ked().run(window)) ASSERT_TRUE(std::isfinite(value)) << samples;
    }
}

TEST(StMem, ALeadsPlaceDecidesAndTheOrderDoesNot) {
    const auto lead = testing::procedural_input("lead", 150);
    const auto first = st_mem().run(lead, lead_i);
    EXPECT_NE(first, st_mem().run(lead, std::array<std::size_t, 1>{1}));
    const auto two = testing::procedural_input("two leads", 2 * 150);
    std::vector<float> swapped(two.begin() + 150, two.end());
    swapped.insert(swapped.end(), two.begin(), two.begin() + 150);
    const auto expected = st_mem().run(two, std::array<std::size_t, 2>{0, 1});
    EXPECT_LT(testing::relative_error(st_mem().run(swapped, std::array<std::size_t, 2>{1, 0}),
                                      {expected.begin(), expected.end()}),
              1e-5);
}

TEST(StMem, TakesOneToThirtyPatchesAndConstantSignals) {
    for (const std::size_t patches : {1U, 2U, 30U}) {
        const std::vector<float> window(patches * 75, 0.5F);
        for (const float value : st_mem().run(window, lead_i)) ASSERT_TRUE(std::isfinite(value));
    }
    testing::expect_input_error([] { st_mem().run(std::vector<float>(76), lead_i); },
                                {"76 samples", "patches of 75"});
    testing::expect_input_error([] { st_mem().run(std::vector<float>(31 * 75), lead_i); },
                                {"2325 samples", "1 to 30"});
}

TEST(StMem, TheSameBitsForAnyCompany) {
    std::vector<std::vector<float>> windows;
    for (int i = 0; i < 5; ++i) {
        windows.push_back(testing::procedural_input(fmt::format("window {}", i), 12 * 75));
    }
    const auto together = st_mem().run(windows, 2);
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto alone = st_mem().run(windows[i]);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               together.begin() + static_cast<std::ptrdiff_t>(i * 768)));
    }
}

TEST(Session, RefusesChannelsThatTheEncoderHasNot) {
    const std::vector<float> window(150);
    testing::expect_input_error(
        [&] {
            st_mem().run(window, std::array<std::size_t, 2>{3, 3});
        },
        {"channel 3 given twice"});
    testing::expect_input_error([&] { st_mem().run(window, std::array<std::size_t, 1>{12}); },
                                {"channel 12 does not exist", "0 to 11"});
    const Session clef(testing::procedural_model("clef-small", 12));
    testing::expect_input_error([&] { clef.run(window, lead_i); }, {"1 leads", "takes 12"});
}

}  // namespace clef
