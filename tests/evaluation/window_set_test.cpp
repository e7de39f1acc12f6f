#include "evaluation/window_set.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
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

}  // namespace
}  // namespace clef
