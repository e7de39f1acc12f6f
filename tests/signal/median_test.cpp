#include "signal/median.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "signal/scipy_vectors.hpp"

namespace clef {

namespace {

// Sorts every window.
std::vector<double> slow_median(const std::vector<double>& signal, std::size_t width) {
    std::vector<double> padded(width / 2);
    padded.insert(padded.end(), signal.begin(), signal.end());
    padded.resize(signal.size() + width);
    std::vector<double> medians;
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const auto begin = padded.begin() + static_cast<std::ptrdiff_t>(i);
        std::vector<double> window(begin, begin + static_cast<std::ptrdiff_t>(width));
        std::sort(window.begin(), window.end());
        medians.push_back(window[width / 2]);
    }
    return medians;
}

}  // namespace

TEST(RunningMedian, AgreesWithScipyMedfilt) {
    for (const auto& entry : testing::scipy_vectors("medfilt")) {
        const std::vector<double> x = entry["x"];
        EXPECT_EQ(running_median(x, entry["width"]), entry["y"].get<std::vector<double>>());
    }
}

TEST(RunningMedian, AgreesWithSortingEveryWindow) {
    Random random(1, "median");
    for (int round = 0; round < 200; ++round) {
        std::vector<double> signal(random.below(60));
        // Few different values, so that many are equal, zero among them.
        for (double& value : signal) value = static_cast<double>(random.below(7)) - 3;
        const std::size_t width = 2 * random.below(40) + 1;
        ASSERT_EQ(running_median(signal, width), slow_median(signal, width))
            << signal.size() << " samples, width " << width;
    }
}

TEST(RunningMedian, AnEvenWidthIsRefused) {
    EXPECT_THROW(running_median({}, 0), InputError);
    EXPECT_THROW(running_median({}, 4), InputError);
}

}  // namespace clef
