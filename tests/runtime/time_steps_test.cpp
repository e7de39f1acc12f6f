// The last feature map before the mean over time.
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "base/random.hpp"
#include "families.hpp"
#include "runtime/session.hpp"

namespace clef {
namespace {

TEST(TimeSteps, TheirMeanIsTheEmbedding) {
    Random random(3, "window");
    for (const int leads : {1, 12}) {
        const Session session(random_model("clef-small", leads, 4));
        std::vector<float> window(static_cast<std::size_t>(leads) * 5000);
        for (float& value : window) value = static_cast<float>(random.normal());
        const auto embedding = session.run(window);
        const auto steps = session.run_time_steps(window);
        ASSERT_EQ(session.step_size(), embedding.size());
        ASSERT_EQ(steps.size(), 40 * embedding.size()) << "of a quarter of a second each";
        for (std::size_t d = 0; d < embedding.size(); ++d) {
            double mean = 0;
            for (std::size_t t = 0; t < 40; ++t) mean += steps[t * embedding.size() + d] / 40.0;
            EXPECT_NEAR(mean, embedding[d], 1e-5);
        }
    }
}

// Of the tokens, or time steps, of every lead; ST-MEM normalises behind the mean.
TEST(TimeSteps, OfOtherFamiliesToo) {
    const std::map<std::string, std::size_t> counts = {
        {"xresnet1d", 2}, {"st-mem", 2 * 6}, {"moirai", 2 * 4}, {"moment", 2 * 7}};
    for (const std::string& family : testing::tiny_families()) {
        const Model model = testing::tiny_model(family);
        const Session session(model);
        const std::vector<std::size_t> channels = {2, 0};
        const auto window = testing::procedural_input("steps", std::size_t{2} * 30);
        auto expected = session.run(window, channels);
        const std::size_t width = session.step_size();
        ASSERT_EQ(width, expected.size());
        const auto steps = session.run_time_steps(window, channels);
        ASSERT_EQ(steps.size(), counts.at(family) * width) << family;
        std::vector<double> mean(width, 0);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            mean[i % width] += steps[i] / static_cast<double>(counts.at(family));
        }
        if (family == "st-mem") {
            const auto weight = model.tensors.at("norm.weight").floats();
            const auto bias = model.tensors.at("norm.bias").floats();
            double centre = 0, squares = 0;
            for (const double value : mean) centre += value / static_cast<double>(width);
            for (const double value : mean) squares += (value - centre) * (value - centre);
            const double deviation =
                std::sqrt(squares / static_cast<double>(width) + layer_norm_epsilon);
            for (std::size_t d = 0; d < width; ++d) {
                mean[d] = (mean[d] - centre) / deviation * weight[d] + bias[d];
            }
        }
        for (std::size_t d = 0; d < width; ++d) EXPECT_NEAR(mean[d], expected[d], 1e-4) << family;
        EXPECT_EQ(session.run(window, channels), expected) << "nothing is left behind";
    }
}

TEST(TimeSteps, ADenseLayerIsNotApplied) {
    const Session founder(random_model("ecgfounder", 1, 4));
    EXPECT_EQ(founder.step_size(), 1024U);
    EXPECT_EQ(founder.run_time_steps(std::vector<float>(500, 0.5F)).size() % 1024, 0U);
}

}  // namespace
}  // namespace clef
