// Signal quality against SciPy on real leads, exact fractions of stretches put in by hand, and what
// noise does to it.
#include "signal/quality.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "formats/ecg_file.hpp"
#include "shared.hpp"
#include "signal/quality_stretches.hpp"

namespace clef {

using testing::shared_folder;

namespace {

const float gap = std::nanf("");

// Ten seconds, or more, of a heart at 72 beats a minute: P, QRS and T as bell curves, in mV.
std::vector<float> clean_ecg(double rate, double seconds, std::uint64_t seed = 1) {
    struct Wave {
        double at, width, height;
    };
    const Wave waves[] = {{-0.18, 0.02, 0.12},
                          {-0.028, 0.008, -0.12},
                          {0, 0.011, 1.1},
                          {0.03, 0.009, -0.25},
                          {0.26, 0.05, 0.3}};
    std::vector<float> samples(static_cast<std::size_t>(rate * seconds));
    Random random(seed, "clean ecg");
    for (double beat = 0.3; beat < seconds + 0.5; beat += 0.8 + 0.05 * random.uniform()) {
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double t = static_cast<double>(i) / rate - beat;
            if (std::abs(t) > 0.6) continue;
            for (const Wave& wave : waves) {
                const double u = (t - wave.at) / wave.width;
                samples[i] += static_cast<float>(wave.height * std::exp(-0.5 * u * u));
            }
        }
    }
    return samples;
}

// An amplifier's own noise, without which the pauses of a simulated heart are flat lines.
std::vector<float> with_noise(std::vector<float> samples, double deviation, std::uint64_t seed) {
    Random random(seed, "noise");
    for (float& sample : samples) sample += static_cast<float>(deviation * random.normal());
    return samples;
}

double power(std::span<const float> samples) {
    double mean = 0;
    for (const float sample : samples) mean += sample / static_cast<double>(samples.size());
    double sum = 0;
    for (const float sample : samples) sum += (sample - mean) * (sample - mean);
    return sum / static_cast<double>(samples.size());
}

TEST(Quality, OfRealLeadsIsWhatSciPySays) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.hea");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500/00000/00002_hr.hea");
    CLEF_REQUIRE_SHARED("data/cinc2017/training/A00002.hea");
    std::ifstream file(std::string(CLEF_TEST_DATA) + "/signal/quality.json");
    for (const auto& example : nlohmann::json::parse(file)) {
        SCOPED_TRACE(example.at("record").get<std::string>() + " " +
                     example.at("lead").get<std::string>());
        ReadOptions options;
        options.leads = {example.at("lead").get<std::string>()};
        options.from = example.at("from").get<std::uint64_t>();
        options.to = options.from + example.at("count").get<std::uint64_t>();
        Recording recording =
            read_ecg(shared_folder() / "data" / example.at("record").get<std::string>(), options);
        std::vector<float>& samples = recording.leads[0].samples;
        for (auto i = example.at("gap")[0].get<std::size_t>(); i < example.at("gap")[1]; ++i) {
            samples[i] = gap;
        }
        const LeadQuality found = window_quality(samples, example.at("rate").get<double>(), true);
        const auto& expected = example.at("expected");
        const auto close = [&](const char* name, double value) {
            EXPECT_NEAR(value, expected.at(name).get<double>(), 1e-6) << name;
        };
        close("missing", found.missing);
        close("lowest", found.lowest);
        close("highest", found.highest);
        close("low", found.low);
        close("high", found.high);
        close("noise", found.noise);
        close("baseline", found.baseline);
        close("beat_correlation", found.beat_correlation);
        EXPECT_EQ(found.beats, expected.at("beats").get<std::size_t>());
        EXPECT_NEAR(found.quality,
                    (1 - found.missing - found.flat - found.saturated) * found.beat_correlation,
                    1e-12);
    }
}

TEST(Quality, OfACleanEcgIsHighAtEverySamplingRate) {
    for (const double rate : {100.0, 128.0, 250.0, 300.0, 360.0, 500.0, 512.844, 1000.0}) {
        SCOPED_TRACE(rate);
        const auto samples = with_noise(clean_ecg(rate, 10), 0.01, 2);
        const LeadQuality quality = window_quality(samples, rate, true);
        EXPECT_GT(quality.quality, 0.9);
        EXPECT_EQ(quality.flat, 0);
        EXPECT_EQ(quality.saturated, 0);
        EXPECT_GE(quality.beats, 10u);
    }
}

TEST(Quality, IsTheSameInEveryUnitAndPolarity) {
    const auto samples = with_noise(clean_ecg(500, 10), 0.05, 3);
    std::vector<float> turned = samples;
    for (float& sample : turned) sample = -64 * sample;  // a power of two: exact
    const LeadQuality a = window_quality(samples, 500, true);
    const LeadQuality b = window_quality(turned, 500, false);
    EXPECT_NEAR(a.quality, b.quality, 1e-9);
    EXPECT_NEAR(a.noise, b.noise, 1e-9);
    EXPECT_NEAR(a.low, -b.high / 64, 1e-6);
}

TEST(Quality, FallsAsWhiteNoiseGrowsOnAverage) {
    double above = 1;
    for (const double decibels : {24.0, 18.0, 12.0, 6.0, 0.0, -6.0, -12.0}) {
        double mean = 0;
        constexpr int patients = 20;
        for (int i = 0; i < patients; ++i) {
            const auto clean = clean_ecg(250, 10, static_cast<std::uint64_t>(i));
            const double deviation = std::sqrt(power(clean) / std::pow(10, decibels / 10));
            const auto noisy = with_noise(clean, deviation, static_cast<std::uint64_t>(i));
            mean += window_quality(noisy, 250, true).quality / patients;
        }
        EXPECT_LT(mean, above) << decibels << " dB";
        above = mean;
    }
    EXPECT_LT(above, 0.4);
}

// Noise alone, without any heart, must not look like one.
TEST(Quality, OfNoiseAloneIsLow) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto noise = with_noise(std::vector<float>(5000), 0.2, seed);
        EXPECT_LT(window_quality(noise, 500, true).quality, 0.4) << seed;
    }
}

TEST(Quality, MissingFlatAndSaturatedStretchesGiveExactlyTheirFractions) {
    std::vector<float> samples = with_noise(clean_ecg(500, 10), 0.01, 4);
    std::fill_n(samples.begin() + 300, 250, gap);     // 5 %
    std::fill_n(samples.begin() + 1000, 600, 0.12F);  // 12 %, 1.2 s
    std::fill_n(samples.begin() + 2000, 499, 0.12F);  // short of a second: a pause
    std::fill_n(samples.begin() + 3000, 40, 5.0F);    // 0.8 %, at the upper rail
    std::fill_n(samples.begin() + 4000, 60, -5.0F);   // 1.2 %, at the lower
    std::fill_n(samples.begin() + 4500, 9, -5.0F);    // too few
    const LeadQuality quality = window_quality(samples, 500, true);
    EXPECT_DOUBLE_EQ(quality.missing, 0.05);
    EXPECT_DOUBLE_EQ(quality.flat, 0.12);
    EXPECT_DOUBLE_EQ(quality.saturated, 0.02);
    EXPECT_EQ(quality.lowest, -5.0F);
    EXPECT_EQ(quality.highest, 5.0F);
}

TEST(Quality, AFlatLineAtTheRailIsSaturatedAndNotFlat) {
    std::vector<float> samples = with_noise(clean_ecg(500, 10), 0.01, 4);
    std::fill_n(samples.begin() + 1000, 1000, 5.0F);
    const LeadQuality quality = window_quality(samples, 500, true);
    EXPECT_DOUBLE_EQ(quality.saturated, 0.2);
    EXPECT_DOUBLE_EQ(quality.flat, 0);
}

TEST(Quality, AlmostUnchangedIsFlatToo) {
    std::vector<float> samples = with_noise(clean_ecg(500, 10), 0.01, 5);
    for (std::size_t i = 2000; i < 3000; ++i) samples[i] = i % 2 == 0 ? 0.5F : 0.505F;
    EXPECT_DOUBLE_EQ(window_quality(samples, 500, true).flat, 0.2);
    // Where the unit is not known, the same steps are not small.
    EXPECT_DOUBLE_EQ(window_quality(samples, 500, false).flat, 0);
}

TEST(Quality, WithoutAnySignalIsNothing) {
    const LeadQuality missing = window_quality(std::vector<float>(5000, gap), 500, true);
    EXPECT_EQ(missing.missing, 1);
    EXPECT_EQ(missing.quality, 0);
    EXPECT_TRUE(std::isnan(missing.lowest));
    for (const bool millivolts : {true, false}) {
        const LeadQuality flat = window_quality(std::vector<float>(5000, 0.3F), 500, millivolts);
        EXPECT_EQ(flat.flat, 1);
        EXPECT_EQ(flat.saturated, 0);
        EXPECT_EQ(flat.quality, 0);
    }
    EXPECT_EQ(window_quality({}, 500, true).quality, 0);
    EXPECT_EQ(window_quality(std::vector<float>{1, 2}, 500, true).quality, 0);
}

// What a file may hold and claim: no crash, and a number from 0 to 1.
TEST(Quality, SurvivesInfinitiesAndAbsurdRates) {
    auto samples = with_noise(clean_ecg(500, 10), 0.01, 6);
    samples[100] = INFINITY;
    samples[200] = -INFINITY;
    for (const double rate : {1e-300, 1e-3, 1.0, 7.0, 500.0, 1e6, 1e300}) {
        const double quality = window_quality(samples, rate, true).quality;
        EXPECT_GE(quality, 0) << rate;
        EXPECT_LE(quality, 1) << rate;
    }
}

TEST(Quality, OnlyTheRecordingsOwnExtremesAreRails) {
    auto first = with_noise(clean_ecg(500, 10), 0.01, 7);
    auto second = with_noise(clean_ecg(500, 10), 0.01, 8);
    std::fill_n(first.begin() + 1000, 100, 2.0F);   // a plateau, not at the rail
    std::fill_n(second.begin() + 1000, 100, 3.0F);  // the rail
    std::vector<LeadQuality> windows = {window_quality(first, 500, true),
                                        window_quality(second, 500, true)};
    EXPECT_DOUBLE_EQ(windows[0].saturated, 0.02);
    settle_saturation(windows);
    EXPECT_DOUBLE_EQ(windows[0].saturated, 0);
    EXPECT_DOUBLE_EQ(windows[1].saturated, 0.02);
    EXPECT_DOUBLE_EQ(windows[0].quality, windows[0].beat_correlation);
}

// Every stretch of that length tried one after the other.
std::vector<std::uint8_t> flat_by_trying(std::span<const float> samples, std::size_t shortest,
                                         double range) {
    std::vector<std::uint8_t> flat(samples.size(), 0);
    for (std::size_t begin = 0; begin + shortest <= samples.size(); ++begin) {
        const auto stretch = samples.subspan(begin, shortest);
        if (std::any_of(stretch.begin(), stretch.end(), [](float x) { return std::isnan(x); }))
            continue;
        const auto [low, high] = std::minmax_element(stretch.begin(), stretch.end());
        if (double{*high} - *low > range) continue;
        std::fill_n(flat.begin() + static_cast<std::ptrdiff_t>(begin), shortest, 1);
    }
    return flat;
}

TEST(FlatSamples, AreThoseOfEveryFlatStretch) {
    Random random(1, "flat");
    for (int repeat = 0; repeat < 500; ++repeat) {
        std::vector<float> samples(1 + random.below(80));
        float value = 0;
        for (float& sample : samples) {
            if (random.uniform() < 0.2) value += static_cast<float>(random.normal());
            sample = random.uniform() < 0.02 ? gap : value;
        }
        const std::size_t shortest = 1 + random.below(12);
        const double range = random.uniform();
        auto found = flat_samples(samples, shortest, range);
        if (found.empty()) found.assign(samples.size(), 0);
        ASSERT_EQ(found, flat_by_trying(samples, shortest, range)) << repeat;
    }
}

}  // namespace

}  // namespace clef
