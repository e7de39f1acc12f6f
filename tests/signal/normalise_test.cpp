#include "signal/normalise.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.hpp"

namespace clef {

namespace {
const float nan = std::nanf("");
}

TEST(ZScore, MeanZeroPopulationDeviationOne) {
    std::vector<float> x{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, population deviation 2
    z_score(x);
    EXPECT_EQ(x, (std::vector<float>{-1.5F, -0.5F, -0.5F, -0.5F, 0, 0, 1, 2}));
}

TEST(ZScore, ConstantAndEmptySignals) {
    std::vector<float> x{3, 3, 3};
    z_score(x);
    EXPECT_EQ(x, (std::vector<float>{0, 0, 0}));
    z_score({});
}

TEST(InterpolateMissing, RunsBecomeLinesAndEndsAreHeld) {
    std::vector<float> x{nan, nan, 1, nan, 2, nan, nan, nan, 6, nan};
    EXPECT_TRUE(interpolate_missing(x));
    EXPECT_EQ(x, (std::vector<float>{1, 1, 1, 1.5F, 2, 3, 4, 5, 6, 6}));
}

TEST(ZeroMissing, PutsZerosAndReportsWhereThereIsNothingElse) {
    std::vector<float> x{nan, 1, nan, 2};
    EXPECT_TRUE(zero_missing(x));
    EXPECT_EQ(x, (std::vector<float>{0, 1, 0, 2}));
    std::vector<float> empty{nan, nan};
    EXPECT_FALSE(zero_missing(empty));
    EXPECT_TRUE(std::isnan(empty[0]));
}

TEST(InterpolateMissing, NothingToGoByIsReported) {
    std::vector<float> x{nan, nan};
    EXPECT_FALSE(interpolate_missing(x));
    EXPECT_TRUE(std::isnan(x[0]));
    std::vector<float> one{nan, 4, nan};
    EXPECT_TRUE(interpolate_missing(one));
    EXPECT_EQ(one, (std::vector<float>{4, 4, 4}));
}

TEST(InterpolateMissing, LeavesNumbersAloneAndNoGapBehind) {
    for (std::uint64_t round = 0; round < 50; ++round) {
        Random random(3, "gaps", round);
        std::vector<float> x(40);
        for (float& sample : x)
            sample = random.chance(0.5) ? nan : static_cast<float>(random.normal());
        x[random.below(40)] = 1;
        std::vector<float> filled = x;
        EXPECT_TRUE(interpolate_missing(filled));
        for (std::size_t i = 0; i < x.size(); ++i) {
            EXPECT_FALSE(std::isnan(filled[i]));
            if (!std::isnan(x[i])) {
                EXPECT_EQ(filled[i], x[i]);
            }
        }
    }
}

}  // namespace clef
