#include "signal/impulse_response.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "signal/notch.hpp"

namespace clef {

TEST(ImpulseResponse, OfARecursionOfOneStepIsAPowerSeries) {
    const auto response = impulse_response({{2, 0}, {4, -2}}, 5);  // y[n] = x[n]/2 + y[n−1]/2
    EXPECT_EQ(response, (std::vector<float>{0.5F, 0.25F, 0.125F, 0.0625F, 0.03125F}));
}

TEST(ImpulseResponse, OfAMovingAverageEndsWithIt) {
    EXPECT_EQ(impulse_response({{1, 2, 3}, {1}}, 5), (std::vector<float>{1, 2, 3, 0, 0}));
    EXPECT_EQ(impulse_response({{1, 2, 3}, {1}}, 2), (std::vector<float>{1, 2}));
}

TEST(ImpulseResponse, AddsUpToTheGainAtZero) {
    for (const auto& filter : {notch_filter(50, 5, 500), butterworth_low_pass(4, 20, 500),
                               butterworth_high_pass(3, 5, 500)}) {
        double sum = 0;
        for (const float value : impulse_response(filter, 4000)) sum += value;
        EXPECT_NEAR(sum, static_cast<double>(gain_at_zero(filter)), 1e-6);
    }
    EXPECT_EQ(gain_at_zero({{0, 0}, {1, -1}}), 0);
}

}  // namespace clef
