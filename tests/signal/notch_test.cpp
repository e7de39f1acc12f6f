#include "signal/notch.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "base/error.hpp"
#include "signal/scipy_vectors.hpp"
#include "signal/zero_phase.hpp"

namespace clef {

TEST(Notch, CoefficientsAgreeWithScipy) {
    for (const auto& entry : testing::scipy_vectors("iirnotch")) {
        const auto filter = notch_filter(entry["frequency"], entry["quality"], entry["fs"]);
        for (std::size_t k = 0; k < 3; ++k) {
            EXPECT_NEAR(filter.b[k], entry["b"][k].get<double>(), 1e-14) << entry.dump();
            EXPECT_NEAR(filter.a[k], entry["a"][k].get<double>(), 1e-14) << entry.dump();
        }
    }
}

TEST(Notch, TakesItsFrequencyAwayAndLeavesTheRest) {
    const ZeroPhaseFilter filter(notch_filter(50, 30, 500));
    std::vector<double> hum(5000);
    std::vector<double> heart(5000);
    for (std::size_t i = 0; i < hum.size(); ++i) {
        const double turn = 2 * std::numbers::pi * static_cast<double>(i) / 500;
        hum[i] = std::sin(50 * turn);
        heart[i] = std::sin(8 * turn);
    }
    const auto without_hum = filter.apply(std::span<const double>(hum));
    const auto kept = filter.apply(std::span<const double>(heart));
    for (std::size_t i = 1000; i < 4000; ++i) {
        ASSERT_LT(std::abs(without_hum[i]), 1e-4);
        ASSERT_NEAR(kept[i], heart[i], 1e-3);
    }
}

TEST(Notch, ImpossibleNotchesAreRefused) {
    EXPECT_THROW(notch_filter(0, 30, 500), InputError);
    EXPECT_THROW(notch_filter(250, 30, 500), InputError);
    EXPECT_THROW(notch_filter(std::nan(""), 30, 500), InputError);
    EXPECT_THROW(notch_filter(50, 0, 500), InputError);
    EXPECT_THROW(notch_filter(50, INFINITY, 500), InputError);
}

}  // namespace clef
