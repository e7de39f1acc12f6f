// From a recording to the windows that an encoder sees.
#include "encoder/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <limits>
#include <numbers>

#include <nlohmann/json.hpp>

#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/npy.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

// Leads of sines, 7 Hz and up, that a band-pass of 0.67–40 Hz leaves alone.
Recording sines(double seconds, double rate = 500, std::vector<std::string> names = {"I"}) {
    Recording recording;
    recording.source = "made.hea";
    recording.sampling_rate = rate;
    for (std::size_t k = 0; k < names.size(); ++k) {
        Lead lead{names[k], names[k], "mV", true, {}};
        lead.samples.resize(static_cast<std::size_t>(seconds * rate));
        for (std::size_t i = 0; i < lead.samples.size(); ++i) {
            const double turns = static_cast<double>((7 + k) * i) / rate;
            lead.samples[i] = static_cast<float>(std::sin(2 * std::numbers::pi * turns));
        }
        recording.leads.push_back(std::move(lead));
    }
    return recording;
}

// Without the band-pass, which makes 1e-3 of full scale out of the last bit of its input
// (butterworth.hpp), so that the other steps can be held to much less.
Recipe unfiltered() {
    Recipe recipe = clef_recipe();
    recipe.band_pass_order = 0;
    return recipe;
}

// The largest difference over the range of what was expected.
double difference(std::span<const float> found, std::span<const float> expected) {
    EXPECT_EQ(found.size(), expected.size());
    double largest = 0;
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
        largest = std::max(largest, std::abs(double{found[i]} - double{expected[i]}));
    }
    const auto [low, high] = std::minmax_element(expected.begin(), expected.end());
    return largest / (double{*high} - double{*low});
}

}  // namespace

TEST(Preprocess, AgreesWithSciPyFromTheFileToTheWindow) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const Preprocessor preprocessor(clef_recipe());
    for (const std::string record : {"00001", "00002", "00040", "00100", "00250"}) {
        const Recording recording =
            read_ecg(shared_folder() / "data/ptbxl/records500/00000" / (record + "_hr"));
        for (const std::string lead : {"I", "II"}) {
            const auto windows = preprocessor.windows(recording, {{lead}});
            ASSERT_EQ(windows.size(), 1U);
            const auto expected = read_npy(shared_folder() / "goldens/preprocess" /
                                           ("clef_" + record + "_" + lead + ".npy"));
            // SciPy itself differs from these by up to 9.7e-4 on another machine (butterworth.hpp).
            EXPECT_LT(difference(windows[0].samples, expected.values), 1e-3) << record << lead;
            EXPECT_EQ(windows[0].missing, 0);
            EXPECT_FALSE(windows[0].flat);
        }
    }
}

TEST(Preprocess, EcgfoundersRecipeAgreesWithSciPyFromTheFileToTheWindow) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const Preprocessor preprocessor(ecgfounder_recipe());
    double worst = 0;
    for (const std::string record : {"00001", "00002", "00040", "00100", "00250"}) {
        const Recording recording =
            read_ecg(shared_folder() / "data/ptbxl/records500/00000" / (record + "_hr"));
        for (const std::string lead : {"I", "II"}) {
            const auto windows = preprocessor.windows(recording, {{lead}});
            const auto expected = read_npy(shared_folder() / "goldens/preprocess" /
                                           ("ecgfounder_" + record + "_" + lead + ".npy"));
            worst = std::max(worst, difference(windows.at(0).samples, expected.values));
        }
    }
    EXPECT_LT(worst, 2e-5);
    std::cout << "largest difference: " << worst << " of full scale\n";
}

// The sizes of the leads relative to each other survive: see tests/data/encoder.
TEST(Preprocess, EcgfoundersTwelveLeadsShareOneZScore) {
    std::ifstream file(std::string(CLEF_TEST_DATA) + "/encoder/ecgfounder_12_leads.json");
    const auto expected = nlohmann::json::parse(file);
    Recording recording = sines(10, 500, clef_recipe(12).leads);
    for (std::size_t k = 0; k < 12; ++k) {
        for (std::size_t i = 0; i < 5000; ++i) {
            const double t = static_cast<double>(i) / 500;
            const auto wave = [t](double hz) { return std::sin(2 * std::numbers::pi * hz * t); };
            const auto lead = static_cast<double>(k);
            recording.leads[k].samples[i] = static_cast<float>(
                (0.5 + 0.3 * lead) * wave(1.3 + lead) + 0.2 * wave(50) + 0.1 * lead * t);
        }
    }
    std::fill_n(recording.leads[3].samples.begin() + 1000, 11, missing);
    const Window window = Preprocessor(ecgfounder_recipe(12)).windows(recording).at(0);
    ASSERT_EQ(window.samples.size(), 60'000U);
    for (std::size_t lead = 0; lead < 12; ++lead) {
        const auto samples = std::span(window.samples).subspan(lead * 5000, 5000);
        double sum = 0;
        double squares = 0;
        for (std::size_t i = 0; i < 5000; ++i) {
            sum += samples[i];
            squares += double{samples[i]} * samples[i];
            if (i % 250 != 0) continue;
            EXPECT_NEAR(samples[i], expected["leads"][lead][i / 250].get<double>(), 2e-5)
                << lead << " " << i;
        }
        const double mean = sum / 5000;
        EXPECT_NEAR(std::sqrt(squares / 5000 - mean * mean),
                    expected["deviations"][lead].get<double>(), 1e-5);
    }
}

TEST(Preprocess, WindowsHaveMeanZeroAndDeviationOnePerLead) {
    const Preprocessor preprocessor(clef_recipe(12));
    const auto windows = preprocessor.windows(sines(10, 500, clef_recipe(12).leads));
    ASSERT_EQ(windows[0].samples.size(), 12U * 5000U);
    for (std::size_t lead = 0; lead < 12; ++lead) {
        const auto samples = std::span(windows[0].samples).subspan(lead * 5000, 5000);
        double sum = 0;
        double squares = 0;
        for (const float x : samples) {
            sum += x;
            squares += double{x} * x;
        }
        EXPECT_NEAR(sum / 5000, 0, 1e-6);
        EXPECT_NEAR(squares / 5000, 1, 1e-5);
    }
}

TEST(Preprocess, LeadsComeInTheOrderAskedFor) {
    Recipe recipe = clef_recipe();
    recipe.leads = {"V1", "II"};
    const Preprocessor preprocessor(recipe);
    const Recording recording = sines(10, 500, {"I", "II", "V1"});
    const auto swapped = preprocessor.windows(recording, {{"II", "V1"}})[0].samples;
    const auto own = preprocessor.windows(recording)[0].samples;
    EXPECT_TRUE(std::equal(own.begin(), own.begin() + 5000, swapped.begin() + 5000));
    EXPECT_TRUE(std::equal(own.begin() + 5000, own.end(), swapped.begin()));
}

TEST(Preprocess, AShortRecordingIsRefusedAndPaddedWhenAsked) {
    const Preprocessor preprocessor(clef_recipe());
    const Recording recording = sines(3);
    expect_input_error([&] { preprocessor.windows(recording); },
                       {"made.hea", "3 s long", "window is 10 s", "--pad"});
    const auto windows = preprocessor.windows(recording, {{}, true});
    ASSERT_EQ(windows.size(), 1U);
    ASSERT_EQ(windows[0].samples.size(), 5000U);
    double squares = 0;  // the z-score is that of the samples there are
    for (std::size_t i = 0; i < 1500; ++i)
        squares += double{windows[0].samples[i]} * windows[0].samples[i];
    EXPECT_NEAR(squares / 1500, 1, 1e-4);
    EXPECT_TRUE(std::all_of(windows[0].samples.begin() + 1500, windows[0].samples.end(),
                            [](float x) { return x == 0; }));
}

TEST(Preprocess, ARecordingTooShortForTheFilterIsRefusedEvenPadded) {
    const Preprocessor preprocessor(clef_recipe());
    expect_input_error(
        [&] {
            preprocessor.windows(sines(0.06), {{}, true});
        },
        {"made.hea", "too few for the band-pass"});
    expect_input_error([&] { preprocessor.windows(sines(0), {{}, true}); }, {"made.hea"});
}

TEST(Preprocess, ALongRecordingGivesAWindowEveryTenSecondsEachPreparedAlone) {
    const Preprocessor preprocessor(clef_recipe());
    Recording recording = sines(25);
    const auto windows = preprocessor.windows(recording);
    ASSERT_EQ(windows.size(), 2U);
    EXPECT_EQ(windows[0].start_seconds, 0);
    EXPECT_EQ(windows[1].start_seconds, 10);
    auto& samples = recording.leads[0].samples;
    samples.erase(samples.begin(), samples.begin() + 5000);
    EXPECT_EQ(preprocessor.windows(recording)[0].samples, windows[1].samples);
}

TEST(Preprocess, OtherSamplingRatesAreBroughtToTheRecipes) {
    const Preprocessor preprocessor(unfiltered());
    const auto expected = preprocessor.windows(sines(10, 500))[0].samples;
    for (const double rate : {100.0, 250.0, 360.0, 1000.0}) {
        const auto windows = preprocessor.windows(sines(20, rate));
        ASSERT_EQ(windows.size(), 2U) << rate;
        // A whole number of turns fits the window, so that resampling by Fourier is exact.
        EXPECT_LT(difference(windows[0].samples, expected), 1e-5) << rate;
    }
}

TEST(Preprocess, ASamplingRateTooSlowForAnyWindowIsRefused) {
    Recording recording = sines(10);
    recording.sampling_rate = 0.001;
    expect_input_error([&] { Preprocessor(clef_recipe()).windows(recording); },
                       {"made.hea", "0.001 Hz", "too slow"});
}

TEST(Preprocess, RunsOfMissingSamplesAreInterpolatedAndCounted) {
    const Preprocessor preprocessor(unfiltered());
    Recording gaps = sines(10);
    Recording lines = sines(10);
    auto& holed = gaps.leads[0].samples;
    auto& filled = lines.leads[0].samples;
    for (std::size_t i = 1000; i < 1100; ++i) {
        holed[i] = missing;
        const float step = static_cast<float>(i - 999) / 101;
        filled[i] = filled[999] + (filled[1100] - filled[999]) * step;
    }
    for (std::size_t i = 4950; i < 5000; ++i) {
        holed[i] = missing;
        filled[i] = filled[4949];
    }
    const Window window = preprocessor.windows(gaps)[0];
    EXPECT_NEAR(window.missing, 150.0 / 5000, 1e-12);
    EXPECT_LT(difference(window.samples, preprocessor.windows(lines)[0].samples), 1e-5);
}

TEST(Preprocess, ALeadWithoutAnySampleIsRefusedByName) {
    Recording recording = sines(20, 500, {"I", "II"});
    std::fill(recording.leads[1].samples.begin() + 5000, recording.leads[1].samples.end(), missing);
    const Preprocessor preprocessor(clef_recipe());
    EXPECT_EQ(preprocessor.windows(recording).size(), 2U);
    expect_input_error([&] { preprocessor.windows(recording, {{"II"}}); },
                       {"made.hea", "lead II", "from 10 s", "every sample is missing"});
}

TEST(Preprocess, AMissingLeadIsRefusedWithThoseThereAre) {
    const Preprocessor preprocessor(clef_recipe());
    expect_input_error(
        [&] {
            preprocessor.windows(sines(10, 500, {"II", "V5"}));
        },
        {"made.hea", "no lead I", "II, V5"});
    expect_input_error(
        [&] {
            preprocessor.windows(sines(10), {{"I", "I"}});
        },
        {"2 leads asked for", "takes 1"});
}

TEST(Preprocess, AFlatLeadIsMarkedAndBecomesZeros) {
    Recording recording = sines(10);
    std::fill(recording.leads[0].samples.begin(), recording.leads[0].samples.end(), 0.25F);
    recording.leads[0].samples[17] = missing;
    const Window window = Preprocessor(clef_recipe()).windows(recording)[0];
    EXPECT_TRUE(window.flat);
    for (const float x : window.samples) ASSERT_LT(std::abs(x), 1e-3);
}

TEST(Preprocess, AnUnknownUnitIsFineWithAZScoreAndRefusedWithout) {
    Recording recording = sines(10);
    recording.leads[0].in_millivolts = false;
    recording.leads[0].unit = "NU";
    const auto windows = Preprocessor(clef_recipe()).windows(recording);
    EXPECT_EQ(windows[0].samples, Preprocessor(clef_recipe()).windows(sines(10))[0].samples);
    Recipe raw = clef_recipe();
    raw.z_score = false;
    expect_input_error([&] { Preprocessor(raw).windows(recording); },
                       {"made.hea", "lead I", "'NU'", "millivolts"});
}

TEST(Preprocess, WithoutFilterAndNormalisationTheSamplesStayAsTheyAre) {
    Recipe raw = clef_recipe();
    raw.band_pass_order = 0;
    raw.z_score = false;
    const Recording recording = sines(10);
    EXPECT_EQ(Preprocessor(raw).windows(recording)[0].samples, recording.leads[0].samples);
}

}  // namespace clef
