// What KED's and ST-MEM's recipes make of a recording, with all leads and with fewer.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "encoder/preprocess.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

// Lead k: a sine of 1.3 + k Hz, (1 + k) mV high, with noise of 60 Hz and a drift.
Recording made(const std::vector<std::string>& names, double rate, std::size_t samples) {
    Recording recording;
    recording.source = "made";
    recording.sampling_rate = rate;
    for (std::size_t k = 0; k < names.size(); ++k) {
        Lead lead{names[k], names[k], "mV", true, {}};
        for (std::size_t i = 0; i < samples; ++i) {
            const auto turn = [&](double frequency) {
                return std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / rate);
            };
            const auto number = static_cast<double>(k);
            lead.samples.push_back(static_cast<float>((1 + number) * turn(1.3 + number) +
                                                      0.5 * turn(60) +
                                                      0.001 * static_cast<double>(i)));
        }
        recording.leads.push_back(std::move(lead));
    }
    return recording;
}

}  // namespace

// Numbers: scipy.signal.sosfiltfilt of butter(5, 0.67, 'highpass'), then of butter(5, 40,
// 'lowpass'), then (x − mean) ÷ deviation over all three leads.
TEST(FoundationPreprocess, StMemsFiltersAndStandardisationAgreeWithSciPy) {
    const Recording recording = made({"I", "II", "III"}, 250, 2250);
    const auto windows =
        Preprocessor(st_mem_recipe()).windows(recording, {{"I", "II", "III"}, false});
    ASSERT_EQ(windows.size(), 1U);
    const std::size_t at[] = {0, 1, 700, 1500, 2249};
    const double expected[3][5] = {{0.135662, 0.154835, -0.511117, -0.633202, -0.121034},
                                   {0.478816, 0.547564, 0.465379, -1.264216, -0.191725},
                                   {0.86227, 1.012738, 1.928844, -1.898062, 0.017558}};
    for (std::size_t lead = 0; lead < 3; ++lead) {
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_NEAR(windows[0].samples[lead * 2250 + at[i]], expected[lead][i], 1e-5);
        }
    }
}

// Numbers: numpy.interp from linspace(0, 1, 1000) to linspace(0, 1, 512), then (x − mean) ÷
// deviation of each lead, as MOMENT's own data set does it.
TEST(FoundationPreprocess, MomentsStraightLinesAgreeWithNumPy) {
    const Preprocessor preprocessor{moment_recipe()};
    const auto windows = preprocessor.windows(made({"I", "II"}, 100, 1000), {{"I", "II"}, false});
    ASSERT_EQ(windows.size(), 1U);
    ASSERT_EQ(windows[0].samples.size(), 2U * 512);
    const std::size_t at[] = {0, 1, 2, 300, 511};
    const double expected[2][5] = {{-0.642285, 0.129634, 0.053435, -0.679568, 0.911327},
                                   {-0.34575, 0.34506, 0.551152, 0.211907, 0.348289}};
    for (std::size_t lead = 0; lead < 2; ++lead) {
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_NEAR(windows[0].samples[lead * 512 + at[i]], expected[lead][i], 2e-5);
        }
    }
    // From 500 Hz by way of 100 Hz.
    EXPECT_EQ(preprocessor.windows(made({"II"}, 500, 5000), {{"II"}, false})[0].samples.size(),
              512U);
}

TEST(FoundationPreprocess, ShortRecordingsAreMaskedInFrontWhereTheEncoderKnowsMasks) {
    const Recording recording = made({"I", "II"}, 100, 600);
    const auto moment =
        Preprocessor(moment_recipe()).windows(recording, {{"I", "II"}, true}).front();
    ASSERT_EQ(moment.samples.size(), 2U * 512);
    ASSERT_EQ(moment.observed.size(), 2U * 512);
    for (std::size_t i = 0; i < 1024; ++i) {
        const bool before = i % 512 < 512 - 307;
        EXPECT_EQ(moment.observed[i], before ? 0 : 1) << i;
        EXPECT_TRUE(!before || moment.samples[i] == 0) << i;
    }
    EXPECT_NE(moment.samples[512 - 307], 0);
    // Others: zeros behind, nothing marked; and nothing where nothing is missing.
    const auto ked = Preprocessor(ked_recipe()).windows(recording, {{"I"}, true}).front();
    EXPECT_TRUE(ked.observed.empty());
    EXPECT_EQ(ked.samples[999], 0);
    const Recording whole = made({"I"}, 100, 1000);
    EXPECT_TRUE(
        Preprocessor(moirai_recipe()).windows(whole, {{"I"}, true}).front().observed.empty());
}

TEST(FoundationPreprocess, TheReleasedComparisonLooksAtTheFirstTwoSecondsOnly) {
    const Recording recording = made({"II"}, 500, 5000);
    const auto windows = Preprocessor(released_ptbxl_recipe()).windows(recording);
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].samples.size(), 5000U);
    Recording other = recording;
    for (std::size_t i = 1000; i < 5000; ++i) other.leads[0].samples[i] = 9;
    EXPECT_EQ(Preprocessor(released_ptbxl_recipe()).windows(other)[0].samples, windows[0].samples);
}

// Nothing to divide by: zeros, or what the millivolts were.
TEST(FoundationPreprocess, AConstantRecordingGivesFiniteWindows) {
    for (const std::string& name : recipe_names()) {
        Recording recording = made({"I", "II"}, 500, 5000);
        for (Lead& lead : recording.leads)
            std::fill(lead.samples.begin(), lead.samples.end(), 0.5F);
        Recipe recipe = named_recipe(name, 12);
        recipe.leads = {"I", "II"};
        const auto windows = Preprocessor(recipe).windows(recording);
        ASSERT_FALSE(windows.empty()) << name;
        EXPECT_TRUE(windows[0].flat) << name;
        for (const float value : windows[0].samples) {
            ASSERT_LT(std::abs(value), recipe.z_score ? 1e-2 : 0.51) << name;
        }
    }
}

TEST(FoundationPreprocess, FewerLeadsComeWithTheirPlacesInAnyOrder) {
    const Recording recording = made({"V2", "I", "II"}, 100, 1000);
    const auto windows = Preprocessor(ked_recipe()).windows(recording, {{"ii", "V2"}, false});
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].channels, (std::vector<std::size_t>{1, 7}));
    ASSERT_EQ(windows[0].samples.size(), 2000U);
    EXPECT_EQ(windows[0].samples[123], recording.lead("II").samples[123]) << "millivolts, as is";
    EXPECT_EQ(windows[0].samples[1123], recording.lead("V2").samples[123]);
}

// A lead of another name takes the place that it is meant for.
TEST(FoundationPreprocess, ALeadMayBeMeantForAnother) {
    const Preprocessor preprocessor(st_mem_recipe());
    const Recording recording = made({"ECG"}, 250, 2250);
    WindowOptions options;
    options.leads = {"ECG"};
    expect_input_error([&] { preprocessor.windows(recording, options); }, {"ECG"});
    options.leads_as = {"V2"};
    const auto windows = preprocessor.windows(recording, options);
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].channels, (std::vector<std::size_t>{7}));
}

TEST(FoundationPreprocess, AConstantSignalIsZeroForStMemAndItselfForKed) {
    Recording recording = made({"I"}, 250, 2500);
    std::fill(recording.leads[0].samples.begin(), recording.leads[0].samples.end(), 0.75F);
    const auto flat = Preprocessor(st_mem_recipe()).windows(recording, {{"I"}, false});
    for (const float value : flat[0].samples) ASSERT_NEAR(value, 0, 1e-3);
    EXPECT_TRUE(flat[0].flat);
    const auto kept = Preprocessor(ked_recipe()).windows(recording, {{"I"}, false});
    for (const float value : kept[0].samples) ASSERT_NEAR(value, 0.75F, 1e-6);
}

TEST(FoundationPreprocess, RefusesLeadsThatAreNotTheEncodersOrComeTwice) {
    const Recording recording = made({"MLII", "II"}, 250, 2500);
    const Preprocessor preprocessor{st_mem_recipe()};
    expect_input_error(
        [&] {
            preprocessor.windows(recording, {{"MLII"}, false});
        },
        {"lead MLII is none of the encoder's", "aVR", "--lead-names"});
    expect_input_error(
        [&] {
            preprocessor.windows(recording, {{"II", "II"}, false});
        },
        {"lead II asked for twice"});
    expect_input_error([&] { preprocessor.windows(recording); }, {"MLII, II"});
}

TEST(FoundationPreprocess, KedNeedsMillivolts) {
    Recording recording = made({"I"}, 100, 1000);
    recording.leads[0].in_millivolts = false;
    recording.leads[0].unit = "NU";
    expect_input_error(
        [&] {
            Preprocessor(ked_recipe()).windows(recording, {{"I"}, false});
        },
        {"'NU'", "millivolts"});
}

}  // namespace clef
