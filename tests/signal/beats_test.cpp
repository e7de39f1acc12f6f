#include "signal/beats.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/random.hpp"

namespace clef {
namespace {

constexpr double rate = 500;

// A narrow wave at every time given, its height a lead's own, over a little noise.
std::vector<std::vector<float>> leads_with_beats(const std::vector<double>& times) {
    Random random(1, "beats test");
    std::vector<std::vector<float>> leads;
    for (const double height : {1.0, -0.7, 2.0}) {
        std::vector<float> lead(5000);
        for (std::size_t i = 0; i < lead.size(); ++i) {
            double value = 0.01 * random.normal();
            for (const double time : times) {
                const double distance = (static_cast<double>(i) / rate - time) / 0.015;
                value += height * std::exp(-distance * distance / 2);
            }
            lead[i] = static_cast<float>(value);
        }
        leads.push_back(std::move(lead));
    }
    return leads;
}

const std::vector<double> regular = {0.5, 1.3, 2.1, 2.9, 3.7, 4.5, 5.3, 6.1, 6.9, 7.7, 8.5, 9.3};
const std::vector<double> irregular = {0.6, 1.1, 2.2, 2.75, 3.9, 4.5, 5.9, 6.4, 7.3, 8.8};

TEST(Beats, EveryBeatIsFoundWithinFourMilliseconds) {
    for (const auto& times : {regular, irregular}) {
        const auto beats = find_beats(leads_with_beats(times), rate);
        ASSERT_EQ(beats.size(), times.size());
        for (std::size_t i = 0; i < times.size(); ++i) {
            EXPECT_NEAR(static_cast<double>(beats[i]) / rate, times[i], 0.004);
        }
    }
}

TEST(Beats, AFlatOrTooShortWindowHasNone) {
    EXPECT_TRUE(
        find_beats(std::vector<std::vector<float>>{std::vector<float>(5000, 1.0F)}, rate).empty());
    EXPECT_TRUE(find_beats(std::vector<std::vector<float>>{{1, 2}}, rate).empty());
    EXPECT_TRUE(find_beats(std::vector<std::vector<float>>{}, rate).empty());
}

TEST(Beats, TheMedianBeatIsTheWaveWithoutAnOutlier) {
    auto leads = leads_with_beats(regular);
    for (std::size_t i = 1600; i < 1700; ++i) leads[0][i] += 5;  // an artefact after one beat
    const auto beats = find_beats(leads_with_beats(regular), rate);
    const auto beat = median_beat(leads[0], beats, rate);
    ASSERT_EQ(beat.size(), median_beat_samples);
    for (std::size_t i = 0; i < beat.size(); ++i) {
        const double distance = (static_cast<double>(i) * 4 - 150) / rate / 0.015;
        EXPECT_NEAR(beat[i], std::exp(-distance * distance / 2), 0.12) << i;
    }
}

TEST(Beats, WithoutAWholeBeatTheMedianIsZero) {
    const std::vector<std::size_t> at_the_edge = {20};
    EXPECT_EQ(median_beat(std::vector<float>(5000, 1.0F), at_the_edge, rate),
              std::vector<float>(median_beat_samples, 0.0F));
}

TEST(Beats, RhythmNumbersAreThoseOfTheIntervals) {
    const std::vector<std::size_t> beats = {0, 400, 900, 1300, 1800};  // 0.8, 1.0, 0.8, 1.0 s
    const auto numbers = rhythm_numbers(beats, rate, 10);
    EXPECT_NEAR(numbers[1], std::log(0.1 + 0.005), 1e-5);
    EXPECT_NEAR(numbers[2], std::log(0.2 + 0.005), 1e-5);
    EXPECT_NEAR(numbers[3], 0.5, 1e-6);
    EXPECT_GE(numbers[0], std::log(0.8) - 1e-5);
    EXPECT_LE(numbers[0], std::log(1.0) + 1e-5);
    const auto none = rhythm_numbers({}, rate, 10);
    EXPECT_NEAR(none[0], std::log(0.8), 1e-5);
}

}  // namespace
}  // namespace clef
