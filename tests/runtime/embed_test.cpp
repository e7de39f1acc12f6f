// Embeddings of real recordings against PyTorch's, and a cohort's embeddings against one recording
// at a time.
#include "runtime/embed.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>

#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/npy.hpp"
#include "formats/wfdb_writer.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;

namespace {

// Two noisy channels of so many seconds at 500 Hz, as a record in `folder`.
void make_record(const std::filesystem::path& folder, const std::string& name, double seconds) {
    Recording recording;
    recording.sampling_rate = 500;
    for (const std::string lead : {"I", "II"}) {
        auto samples =
            testing::procedural_input(name + lead, static_cast<std::size_t>(seconds * 500));
        recording.leads.push_back({lead, lead, "mV", true, std::move(samples)});
    }
    write_wfdb(folder / name, recording);
}

Cohort cohort_of(const std::filesystem::path& folder, const std::vector<std::string>& records) {
    Cohort cohort;
    cohort.source = "made.csv";
    cohort.folder = folder;
    for (const std::string& record : records) {
        CohortRow row;
        row.record = record;
        cohort.rows.push_back(row);
    }
    return cohort;
}

class EmbedCohort : public ::testing::Test {
  protected:
    void SetUp() override {
        set_quiet(true);
        make_record(folder_.path(), "long", 25);
        make_record(folder_.path(), "short", 3);
        for (const std::string name : {"a", "b", "c", "d"}) make_record(folder_.path(), name, 10);
    }
    void TearDown() override { set_quiet(false); }

    Embeddings embed(const std::vector<std::string>& records, const EmbedOptions& options) const {
        return embed_cohort(cohort_of(folder_.path(), records), session_, preprocessor_, options);
    }

    testing::TemporaryFolder folder_;
    Session session_{testing::procedural_model("clef-small")};
    Preprocessor preprocessor_{clef_recipe()};
};

}  // namespace

TEST(EmbeddingGolden, AgreesWithPyTorchOnRealRecordings) {
    CLEF_REQUIRE_SHARED("goldens/embeddings_ptbxl.json");
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    std::ifstream file(shared_folder() / "goldens/embeddings_ptbxl.json");
    const auto goldens = nlohmann::json::parse(file);
    std::map<std::string, std::unique_ptr<const Session>> sessions;
    const Preprocessor preprocessor(clef_recipe());
    double worst_array = 0;
    double worst_file = 0;
    int compared = 0;
    for (const auto& [key, value] : goldens.items()) {  // "clef-small/00001/II"
        const auto parts = split(key, '/');
        const std::string encoder(parts.at(0));
        const std::string record(parts.at(1));
        const std::string lead(parts.at(2));
        const auto expected = value.get<std::vector<double>>();
        auto& session = sessions[encoder];
        if (!session) session = std::make_unique<Session>(testing::procedural_model(encoder));

        const auto input = read_npy(shared_folder() / "goldens/preprocess" /
                                    ("clef_" + record + "_" + lead + ".npy"));
        const double array = testing::relative_error(session->run(input.values), expected);
        EXPECT_LT(array, 1e-4) << key;

        const auto recording =
            read_ecg(shared_folder() / "data/ptbxl/records500/00000" / (record + "_hr"));
        const auto window = preprocessor.windows(recording, {{lead}}).at(0);
        const double whole = testing::relative_error(session->run(window.samples), expected);
        // Our band-passed inputs differ from SciPy's, as SciPy's own do between machines, by up to
        // 1e-3 of full scale (butterworth.hpp), 1.7e-3 standard deviations in the mean square. A
        // slow sine of that size added to the golden input moves clef-small by up to 5e-4 and the
        // deeper clef-medium by up to 9e-3, so no implementation can be held to less; another
        // lead's embedding is far further away.
        const double tolerance = encoder == "clef-small" ? 1e-3 : 2e-2;
        EXPECT_LT(whole, tolerance) << key;
        const std::string other = encoder + "/" + record + (lead == "I" ? "/II" : "/I");
        const auto distant = goldens.at(other).get<std::vector<float>>();
        EXPECT_GT(testing::relative_error(distant, expected), 5 * tolerance) << key;
        std::cout << key << ": " << array << " from the array, " << whole << " from the file\n";
        worst_array = std::max(worst_array, array);
        worst_file = std::max(worst_file, whole);
        ++compared;
    }
    EXPECT_EQ(compared, 12);
    std::cout << "largest relative error: " << worst_array << " from the array, " << worst_file
              << " from the file\n";
}

TEST_F(EmbedCohort, RowsComeInTheCohortsOrderWithTheSameBitsForAnyNumberOfThreads) {
    const std::vector<std::string> records = {"c", "long", "a", "d", "b", "a"};
    const Embeddings expected = embed(records, {.threads = 1});
    ASSERT_EQ(expected.rows.size(), 7U);
    const std::vector<std::size_t> order = {0, 1, 1, 2, 3, 4, 5};
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(expected.rows[i].cohort_row, order[i]);
    EXPECT_EQ(expected.rows[2].start_seconds, 10);
    EXPECT_EQ(expected.rows[2].seconds, 10);
    for (const unsigned threads : {2U, 6U, 0U}) {
        const Embeddings found = embed(records, {.threads = threads});
        EXPECT_EQ(found.values, expected.values) << threads;
        ASSERT_EQ(found.rows.size(), expected.rows.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            EXPECT_EQ(found.rows[i].cohort_row, order[i]);
        }
    }
}

TEST_F(EmbedCohort, EachRowIsThatOfItsRecordingAlone) {
    const Embeddings embeddings = embed({"b", "a"}, {.leads = {"II"}, .threads = 2});
    const auto recording = read_ecg(folder_.path() / "a");
    const auto expected = session_.run(preprocessor_.windows(recording, {{"II"}})[0].samples);
    EXPECT_EQ(embeddings.rows[1].lead, "II");
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), embeddings.row(1).begin()));
    EXPECT_NE(embed({"a"}, {}).values, expected);  // lead I by default
}

TEST_F(EmbedCohort, TheMeanAveragesARecordingsWindows) {
    const Embeddings windows = embed({"long", "a"}, {.threads = 1});
    const Embeddings means = embed({"long", "a"}, {.mean = true, .threads = 1});
    ASSERT_EQ(windows.rows.size(), 3U);
    ASSERT_EQ(means.rows.size(), 2U);
    for (std::size_t d = 0; d < means.dimensions; ++d) {
        const double sum = double{windows.row(0)[d]} + windows.row(1)[d];
        ASSERT_FLOAT_EQ(means.row(0)[d], static_cast<float>(sum / 2));
        ASSERT_EQ(means.row(1)[d], windows.row(2)[d]);
    }
    EXPECT_EQ(means.rows[0].seconds, 20);
    EXPECT_EQ(means.rows[1].cohort_row, 1U);
}

TEST_F(EmbedCohort, BadRecordingsStopTheRunNamedInTheCohortsOrder) {
    for (const unsigned threads : {1U, 2U, 4U}) {
        expect_input_error(
            [&] {
                embed({"a", "short", "nowhere", "b"}, {.threads = threads});
            },
            {"short", "3 s long", "--pad"});
    }
}

TEST_F(EmbedCohort, BadRecordingsAreLeftOutAndListedWhenAsked) {
    const Embeddings found = embed({"a", "short", "nowhere", "b"}, {.skip_bad = true});
    ASSERT_EQ(found.rows.size(), 2U);
    EXPECT_EQ(found.rows[1].cohort_row, 3U);
    ASSERT_EQ(found.skipped.size(), 2U);
    EXPECT_EQ(found.skipped[0].first, "short");
    EXPECT_NE(found.skipped[0].second.find("3 s long"), std::string::npos);
    EXPECT_EQ(found.skipped[1].first, "nowhere");
    expect_input_error(
        [&] {
            embed({"short", "nowhere"}, {.skip_bad = true});
        },
        {"made.csv", "none of the 2", "3 s long"});
    EXPECT_EQ(embed({"a", "short"}, {.pad_short = true}).rows.size(), 2U);
}

TEST_F(EmbedCohort, ARowMayBeAStretchOfItsRecording) {
    Cohort cohort = cohort_of(folder_.path(), {"long"});
    cohort.rows[0].start_s = 12;
    cohort.rows[0].duration_s = 10;
    const Embeddings found = embed_cohort(cohort, session_, preprocessor_, {});
    ASSERT_EQ(found.rows.size(), 1U);
    const auto recording = read_ecg(folder_.path() / "long", {.from = 6000, .to = 11000});
    const auto expected = session_.run(preprocessor_.windows(recording)[0].samples);
    EXPECT_EQ(found.values, expected);
}

}  // namespace clef
