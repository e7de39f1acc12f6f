// The two ways in which encoders learn, by their numbers.
#include "training/trainable_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "problem.hpp"

namespace clef {
namespace {

using testing::family_problem;
using testing::make_problem;
using testing::Problem;

std::map<std::string, std::vector<float>> gradients_of(TrainableEncoder& encoder) {
    std::map<std::string, std::vector<float>> result;
    for (const TrainableEncoder::Parameter& one : encoder.parameters()) {
        result[one.name] = {one.gradient.begin(), one.gradient.end()};
    }
    return result;
}

// One without weights keeps the gradient to itself.
void give_weights_to_the_head(TrainableEncoder& encoder) {
    for (const TrainableEncoder::Parameter& one : encoder.parameters()) {
        if (one.name != "dense.weight") continue;
        for (std::size_t i = 0; i < one.values.size(); ++i) {
            one.values[i] = std::sin(static_cast<float>(i));
        }
    }
}

std::map<std::string, std::vector<float>> statistics_of(TrainableEncoder& encoder) {
    std::map<std::string, std::vector<float>> result;
    for (const TrainableEncoder::Parameter& one : encoder.parameters()) {
        if (!one.learns) result[one.name] = {one.values.begin(), one.values.end()};
    }
    return result;
}

// Running statistics move with every batch that is learnt from, and with no other; gradients are of
// the last one alone.
TEST(TrainableEncoder, RemembersOfABatchItsStatisticsOnly) {
    std::vector<std::string> families = testing::tiny_families();
    families.push_back("net1d");
    for (const std::string& family : families) {
        const Problem problem = family == "net1d"
                                    ? make_problem(TaskKind::multi_class, 20)
                                    : family_problem(family, TaskKind::multi_class, 20);
        const std::size_t samples = problem.windows.samples;
        const ViewBatch views{problem.windows.values, problem.windows.first.back(), samples,
                              problem.windows.channels};
        const ViewBatch other{
            std::span(problem.windows.values).first(3 * problem.windows.leads * samples), 3,
            samples, problem.windows.channels};
        const auto encoder = make_trainable_encoder(problem.encoder, {0.3, -0.2}, 1);
        give_weights_to_the_head(*encoder);
        const auto learn = [&](const ViewBatch& batch) {
            encoder->learn(
                batch, [](std::size_t, std::size_t count, const float* outputs, float* gradient) {
                    for (std::size_t i = 0; i < 2 * count; ++i) gradient[i] = std::cos(outputs[i]);
                });
            return gradients_of(*encoder);
        };
        std::vector<float> outputs(2 * views.count);
        const auto before = statistics_of(*encoder);
        EXPECT_EQ(before.empty(), family != "xresnet1d");
        encoder->run(views, outputs.data());
        EXPECT_EQ(statistics_of(*encoder), before);
        const auto gradients = learn(views);
        for (const auto& [name, values] : statistics_of(*encoder)) {
            EXPECT_NE(values, before.at(name)) << name;
        }
        EXPECT_EQ(learn(views), gradients) << family;
        EXPECT_NE(learn(other), gradients) << family;
    }
}

TEST(TrainableEncoder, PartsOfABatchGiveTheOutputsAndTheGradientOfTheWhole) {
    for (const std::string& family : testing::tiny_families()) {
        const bool in_one = family == "xresnet1d";  // batch norm learns by the whole batch
        const Problem problem = family_problem(family, TaskKind::multi_class, 20);
        const ViewBatch views{problem.windows.values, problem.windows.first.back(), 30,
                              problem.windows.channels};
        std::vector<std::map<std::string, std::vector<float>>> found;
        std::vector<std::vector<float>> found_outputs;
        for (const std::size_t kept : {std::size_t{1}, std::size_t{300'000}, most_kept_numbers}) {
            const auto encoder = trainable_module(problem.encoder, {0.3, -0.2}, 1, kept);
            give_weights_to_the_head(*encoder);
            found_outputs.emplace_back(2 * views.count);
            encoder->run(views, found_outputs.back().data());
            std::size_t parts = 0, seen = 0;
            encoder->learn(views, [&](std::size_t first, std::size_t count, const float* outputs,
                                      float* gradient) {
                EXPECT_EQ(first, seen);
                for (std::size_t i = 0; i < 2 * count; ++i) gradient[i] = std::cos(outputs[i]);
                seen += count;
                ++parts;
            });
            EXPECT_EQ(seen, views.count);
            if (kept == 1) {
                EXPECT_EQ(parts, in_one ? 1 : views.count) << family;
            }
            if (kept == most_kept_numbers) {
                EXPECT_EQ(parts, 1U);
            }
            found.push_back(gradients_of(*encoder));
        }
        for (std::size_t i = 0; i < found_outputs[2].size(); ++i) {
            EXPECT_NEAR(found_outputs[0][i], found_outputs[2][i], 1e-4) << family;
            EXPECT_NEAR(found_outputs[1][i], found_outputs[2][i], 1e-4) << family;
        }
        for (const auto& [name, whole] : found[2]) {
            if (name.find("running_") != std::string::npos) continue;
            float largest = 0;
            for (const float value : whole) largest = std::max(largest, std::abs(value));
            // A lead that no window holds has no say, nor what stands for a missing patch.
            EXPECT_EQ(largest > 0, name != "lead_embeddings.1" && !name.ends_with("mask_embedding"))
                << name;
            for (std::size_t i = 0; i < whole.size(); ++i) {
                ASSERT_NEAR(found[0][name][i], whole[i], 1e-4F * largest + 1e-6F) << name;
                ASSERT_NEAR(found[1][name][i], whole[i], 1e-4F * largest + 1e-6F) << name;
            }
        }
    }
}

}  // namespace
}  // namespace clef
