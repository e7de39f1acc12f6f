// What a session promises besides the right numbers: the same bits, however it is called.
#include "runtime/session.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "encoder/model_head.hpp"
#include "families.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"

namespace clef {

namespace {

std::vector<std::vector<float>> windows_of(std::size_t count, std::size_t samples) {
    std::vector<std::vector<float>> windows;
    for (std::size_t i = 0; i < count; ++i) {
        windows.push_back(testing::procedural_input(fmt::format("window {}", i), samples));
    }
    return windows;
}

}  // namespace

TEST(Session, TheSameBitsForAnyNumberOfThreadsAndAnyCompany) {
    const Session session(testing::procedural_model("clef-small"));
    const auto windows = windows_of(9, 1000);
    const auto expected = session.run(windows, 1);
    ASSERT_EQ(expected.size(), 9 * session.output_size());
    for (const unsigned threads : {2U, 3U, 9U, 0U})
        EXPECT_EQ(session.run(windows, threads), expected);
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto alone = session.run(windows[i]);
        EXPECT_TRUE(
            std::equal(alone.begin(), alone.end(), expected.begin() + static_cast<long>(i * 256)));
    }
}

TEST(Session, AWindowsResultDoesNotDependOnLongerOnesBefore) {
    const Session session(testing::procedural_model("clef-small"));
    const auto window = testing::procedural_input("short", 333);
    const auto expected = session.run(window);
    session.run(testing::procedural_input("long", 5000));
    EXPECT_EQ(session.run(window), expected);
    session.run(testing::procedural_input("one", 1));
    EXPECT_EQ(session.run(window), expected);
}

TEST(Session, EncodersOfOtherWidthsOnOneThreadDoNotDisturbEachOther) {
    const Session one(testing::procedural_model("clef-small"));
    const Session twelve(testing::procedural_model("clef-small", 12));
    const auto window = testing::procedural_input("window", 12 * 500);
    const auto first = one.run(window);
    const auto second = twelve.run(window);
    EXPECT_EQ(one.run(window), first);
    EXPECT_EQ(twelve.run(window), second);
    EXPECT_NE(first, second);
}

TEST(Session, TakesAnyLengthFromOneSample) {
    const Session session(testing::procedural_model("clef-small"));
    for (const std::size_t samples : {1U, 2U, 15U, 16U, 17U, 31U, 64U, 127U}) {
        for (const float value : session.run(testing::procedural_input("x", samples))) {
            ASSERT_TRUE(std::isfinite(value)) << samples;
        }
    }
}

TEST(Session, RefusesWindowsThatAreNoMultipleOfTheLeads) {
    const Session session(testing::procedural_model("clef-small", 12));
    EXPECT_EQ(session.input_leads(), 12U);
    testing::expect_input_error([&] { session.run(std::vector<float>(500)); },
                                {"500 values", "12 leads"});
    testing::expect_input_error([&] { session.run(std::vector<float>()); }, {"0 values"});
}

TEST(Session, LowerPrecisionsAreNearFloat32AndKeepTheSameBitsToo) {
    for (const char* architecture : {"clef-small", "clef-medium"}) {
        const Model model = testing::procedural_model(architecture);
        const auto windows = windows_of(3, 1000);
        const auto exact = Session(model).run(windows, 1);
        for (const auto& [precision, most] :
             {std::pair{Precision::bfloat16, 0.02}, std::pair{Precision::int8, 0.06}}) {
            const Session session(model, {precision});
            EXPECT_EQ(session.precision(), precision);
            const auto found = session.run(windows, 1);
            EXPECT_EQ(session.run(windows, 3), found);
            EXPECT_NE(found, exact);
            EXPECT_LT(testing::relative_error(found, {exact.begin(), exact.end()}), most)
                << architecture << " " << precision_name(precision);
            RecordProperty(
                std::string(architecture) + "_" + precision_name(precision),
                std::to_string(testing::relative_error(found, {exact.begin(), exact.end()})));
        }
    }
}

TEST(Session, OtherFamiliesAreFloat32Alone) {
    const Model model = random_model("ked", 12, 1);
    testing::expect_input_error([&] { Session(model, {Precision::int8}); },
                                {"xresnet1d", "float32", "int8"});
    EXPECT_THROW(parse_precision("float16"), InputError);
}

// Which of a window's samples are none reaches the encoder.
TEST(Session, HandsOnWhichSamplesAreObserved) {
    for (const char* family : {"moirai", "moment"}) {
        const Session session(testing::tiny_model(family));
        Window window;
        window.channels = {0};
        const std::size_t missing = 16;  // whole patches of both
        window.samples = testing::procedural_input("marks", 2 * missing);
        const auto all = session.run(window);
        const auto all_steps = session.run_time_steps(window);
        window.observed.assign(2 * missing, 1);
        std::fill_n(window.observed.begin(), missing, std::uint8_t{0});
        const auto marked = session.run(window);
        const auto marked_steps = session.run_time_steps(window);
        EXPECT_NE(marked, all) << family;
        EXPECT_NE(marked_steps, all_steps) << family;
        std::fill_n(window.samples.begin(), missing, 9.0F);
        EXPECT_EQ(session.run(window), marked) << family;
        EXPECT_EQ(session.run_time_steps(window), marked_steps) << family;
    }
}

TEST(Session, AHeadIsItsWeightsTimesTheEmbeddingAndItsBias) {
    Model model = testing::tiny_model("st-mem");
    const auto samples = testing::procedural_input("head", 3 * 150);
    const auto embedding = Session(model).run(samples);
    const auto size = static_cast<std::int64_t>(embedding.size());
    set_model_outputs(model, 2);
    const auto weights = testing::procedural_input("weights", 2 * embedding.size());
    const std::vector<float> bias = {0.5F, -2};
    model.tensors["dense.weight"] = Tensor::from({2, size}, weights);
    model.tensors["dense.bias"] = Tensor::from({2}, bias);
    const auto found = Session(model).run(samples);
    ASSERT_EQ(found.size(), 2U);
    for (std::size_t k = 0; k < 2; ++k) {
        double right = bias[k];
        for (std::size_t i = 0; i < embedding.size(); ++i) {
            right += double{weights[k * embedding.size() + i]} * embedding[i];
        }
        EXPECT_NEAR(found[k], right, 1e-6 * (1 + std::abs(right)));
    }
}

TEST(Session, CanBeMovedAndOutlivesItsModel) {
    auto model = std::make_unique<Model>(testing::procedural_model("clef-small"));
    Session session(*model);
    const auto window = testing::procedural_input("window", 640);
    const auto expected = session.run(window);
    model.reset();
    const Session moved(std::move(session));
    EXPECT_EQ(moved.run(window), expected);
}

}  // namespace clef
