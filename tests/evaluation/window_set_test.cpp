#include "evaluation/window_set.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "families.hpp"
#include "shared.hpp"

namespace clef {
namespace {

TEST(WindowSet, WindowsAreSpreadEvenlyOverALongRecording) {
    EXPECT_EQ(spread_windows(3, 0), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(spread_windows(3, 5), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(spread_windows(10, 1), (std::vector<std::size_t>{5}));
    EXPECT_EQ(spread_windows(10, 2), (std::vector<std::size_t>{2, 7}));
    EXPECT_EQ(spread_windows(9, 3), (std::vector<std::size_t>{1, 4, 7}));
    EXPECT_TRUE(spread_windows(0, 4).empty());
}

// Recordings of 10 s and of 30 s, as CSV files at 100 Hz.
Cohort two_recordings(const std::filesystem::path& folder) {
    Cohort cohort;
    cohort.folder = folder;
    for (const int seconds : {10, 30}) {
        std::string text = "I\n";
        for (int i = 0; i < seconds * 100; ++i) {
            text += fmt::format("{:.4f}\n", std::sin(0.07 * i) + 0.3 * std::sin(0.9 * i + seconds));
        }
        const std::string name = fmt::format("{}.csv", seconds);
        write_file(folder / name, text);
        CohortRow row;
        row.record = row.patient_id = name;
        cohort.rows.push_back(row);
    }
    return cohort;
}

TEST(WindowSet, HoldsTheWindowsThatAnEncoderSees) {
    const testing::TemporaryFolder folder;
    const Cohort cohort = two_recordings(folder.path());
    const Model model = random_model("clef-small", 1, 2);
    const Preprocessor preprocessor(model.recipe);
    EmbedOptions options;
    options.reading.sampling_rate = 100;
    options.reading.units = "mV";
    const WindowSet windows = collect_windows(cohort, preprocessor, options);
    EXPECT_EQ(windows.first, (std::vector<std::size_t>{0, 1, 4}));
    EXPECT_EQ(windows.samples, 5000U);
    const Session session(model);
    const Embeddings embeddings = embed_cohort(cohort, session, preprocessor, options);
    for (std::size_t w = 0; w < 4; ++w) {
        const auto embedding = session.run(windows.window(w));
        const auto expected = embeddings.row(w);
        EXPECT_TRUE(std::equal(embedding.begin(), embedding.end(), expected.begin()));
    }
    const WindowSet fewer = collect_windows(cohort, preprocessor, options, 1);
    EXPECT_EQ(fewer.first, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_TRUE(
        std::equal(fewer.window(1).begin(), fewer.window(1).end(), windows.window(2).begin()));
    const TimeSteps steps = collect_time_steps(cohort, session, preprocessor, options);
    EXPECT_EQ(steps.first, (std::vector<std::size_t>{0, 40, 160}));
    EXPECT_EQ(steps.dimensions, session.output_size());
}

// A recording of four seconds before and behind one of ten.
TEST(WindowSet, PaddingIsMarkedWhereverAShortRecordingStands) {
    const testing::TemporaryFolder folder;
    Cohort cohort;
    cohort.folder = folder.path();
    for (const int seconds : {4, 10, 4}) {
        std::string text = "I,II,V1\n";
        for (int i = 0; i < seconds * 100; ++i) {
            text += fmt::format("{:.4f},{:.4f},{:.4f}\n", std::sin(0.07 * i), std::cos(0.3 * i),
                                std::sin(0.9 * i) + std::cos(0.05 * i));
        }
        CohortRow row;
        row.record = row.patient_id = fmt::format("{}.csv", cohort.rows.size());
        write_file(folder.path() / row.record, text);
        cohort.rows.push_back(row);
    }
    EmbedOptions options;
    options.reading.sampling_rate = 100;
    options.reading.units = "mV";
    options.pad_short = true;
    options.leads = {"V1", "I"};
    for (const std::string& family : testing::tiny_families()) {
        const Model model = testing::tiny_model(family);
        const Session session(model);
        const Preprocessor preprocessor(model.recipe);
        const WindowSet windows = collect_windows(cohort, preprocessor, options);
        const TimeSteps steps = collect_time_steps(cohort, session, preprocessor, options);
        EXPECT_EQ(windows.observed.empty(), !model.recipe.padding_masked) << family;
        EXPECT_EQ(windows.leads, 2U);
        std::size_t row = 0;
        prepare_recordings(cohort, preprocessor, options, [&](const PreparedRecording& one) {
            std::vector<float> expected;
            std::size_t index = windows.first[row];
            for (const Window& window : one.windows) {
                const auto values = windows.window(index);
                EXPECT_EQ(std::vector<float>(values.begin(), values.end()), window.samples);
                EXPECT_EQ(windows.channels, window.channels);
                if (model.recipe.padding_masked) {
                    const auto marks = windows.marks(index);
                    const std::vector<std::uint8_t> all(window.samples.size(), 1);
                    EXPECT_EQ(std::vector<std::uint8_t>(marks.begin(), marks.end()),
                              window.observed.empty() ? all : window.observed)
                        << family << " " << row;
                }
                const auto own = session.run_time_steps(window);
                expected.insert(expected.end(), own.begin(), own.end());
                ++index;
            }
            EXPECT_EQ(index, windows.first[row + 1]);
            const std::vector<float> found(
                steps.values.begin() +
                    static_cast<std::ptrdiff_t>(steps.first[row] * steps.dimensions),
                steps.values.begin() +
                    static_cast<std::ptrdiff_t>(steps.first[row + 1] * steps.dimensions));
            EXPECT_EQ(found, expected) << family << " " << row;
            ++row;
        });
        EXPECT_EQ(row, 3U);
    }
}

}  // namespace
}  // namespace clef
