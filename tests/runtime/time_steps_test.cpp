// The last feature map before the mean over time.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
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

TEST(TimeSteps, ADenseLayerIsNotAppliedAndOtherFamiliesAreRefused) {
    const Session founder(random_model("ecgfounder", 1, 4));
    EXPECT_EQ(founder.step_size(), 1024U);
    EXPECT_EQ(founder.run_time_steps(std::vector<float>(500, 0.5F)).size() % 1024, 0U);
    const Session ked(random_model("ked", 12, 1));
    EXPECT_EQ(ked.step_size(), 0U);
    EXPECT_THROW(ked.run_time_steps(std::vector<float>(std::size_t{12} * 1000, 0.5F)), InputError);
}

}  // namespace
}  // namespace clef
