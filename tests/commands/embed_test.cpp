// clef preprocess and clef embed on real recordings, and the ways to name what to embed.
#include <cmath>

#include "base/csv.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

TEST(Preprocess, IsWhatTheIndependentImplementationSees) {
    CLEF_REQUIRE_SHARED("goldens/preprocess/clef_00001_I.npy");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500/00000/00001_hr.hea");
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "x.npy";
    expect_done(
        run({"preprocess", (shared_folder() / "data/ptbxl/records500/00000/00001_hr").string(),
             "--recipe", "clef", "--lead", "I", "-o", output.string()}));
    const NpyArray found = read_npy(output);
    const NpyArray expected = read_npy(shared_folder() / "goldens/preprocess/clef_00001_I.npy");
    EXPECT_EQ(found.shape, (std::vector<std::size_t>{1, 5000}));
    ASSERT_EQ(found.values.size(), expected.values.size());
    float scale = 0;
    float worst = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        scale = std::max(scale, std::abs(expected.values[i]));
        worst = std::max(worst, std::abs(found.values[i] - expected.values[i]));
    }
    EXPECT_LT(worst, 1e-3F * scale);
}

TEST(Preprocess, ByTheModelIsTheSameAsByItsRecipe) {
    const Workshop& workshop = Workshop::get();
    const TemporaryFolder folder;
    const std::string by_model = (folder.path() / "a.npy").string();
    const std::string by_name = (folder.path() / "b.npy").string();
    expect_done(run({"preprocess", workshop.record().string(), "--model", workshop.model().string(),
                     "-o", by_model}));
    expect_done(run({"preprocess", workshop.record().string(), "--recipe", "clef", "-o", by_name}));
    EXPECT_EQ(read_text_file(by_model), read_text_file(by_name));
    expect_refusal(run({"preprocess", workshop.record().string(), "-o", by_name}),
                   {"--model", "--recipe"});
}

TEST(Embed, RealRecordingsInTheCohortsOrderAndTheSameBytesTwice) {
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const TemporaryFolder folder;
    const std::string cohort = (folder.path() / "cohort.csv").string();
    expect_done(run(
        {"index", (shared_folder() / "data/ptbxl").string(), "--dataset", "ptbxl", "-o", cohort}));
    const auto embed = [&](const std::string& name, const std::string& threads) {
        const fs::path output = folder.path() / (name + ".npy");
        expect_done(run({"embed", cohort, "--model", Workshop::get().model().string(), "--lead",
                         "I", "--threads", threads, "-o", output.string()}));
        return output;
    };
    const fs::path first = embed("first", "2");
    const NpyArray values = read_npy(first);
    ASSERT_EQ(values.shape, (std::vector<std::size_t>{500, 256}));
    for (const float value : values.values) ASSERT_TRUE(std::isfinite(value));

    const CsvTable rows = read_csv(folder.path() / "first.csv");
    const CsvTable asked = read_csv(cohort);
    ASSERT_EQ(rows.rows.size(), 500u);
    ASSERT_EQ(asked.rows.size(), 500u);
    for (std::size_t i = 0; i < 500; ++i) {
        ASSERT_EQ(rows.rows[i][rows.require("row")], std::to_string(i));
        ASSERT_EQ(rows.rows[i][rows.require("record")], asked.rows[i][asked.require("record")]);
        ASSERT_EQ(rows.rows[i][rows.require("patient_id")],
                  asked.rows[i][asked.require("patient_id")]);
        ASSERT_EQ(rows.rows[i][rows.require("lead")], "I");
    }
    // Row i of the numbers is recording i: the one recording alone has the same row.
    const std::string alone = (folder.path() / "alone.npy").string();
    expect_done(run({"embed", asked.rows[123][asked.require("record")], "--model",
                     Workshop::get().model().string(), "-o", alone}));
    const std::vector<float> row(values.values.begin() + 123 * 256,
                                 values.values.begin() + 124 * 256);
    EXPECT_EQ(read_npy(alone).values, row);

    EXPECT_EQ(read_text_file(first), read_text_file(embed("again", "2")));
    EXPECT_EQ(read_text_file(first), read_text_file(embed("single", "1")));
}

TEST(Embed, AFolderIsItsRecordingsInTheOrderOfTheirNames) {
    const Workshop& workshop = Workshop::get();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "e.npy";
    const Outcome outcome = run({"embed", workshop.record().parent_path().string(), "--model",
                                 workshop.model().string(), "-o", output.string(), "--json"});
    expect_done(outcome);
    EXPECT_EQ(nlohmann::json::parse(outcome.out).at("rows"), 16);
    EXPECT_EQ(nlohmann::json::parse(outcome.out).at("skipped"), 0);
    const CsvTable rows = read_csv(folder.path() / "e.csv");
    ASSERT_EQ(rows.rows.size(), 16u);
    std::vector<std::string> records;
    for (const auto& row : rows.rows) records.push_back(row[rows.require("record")]);
    EXPECT_TRUE(std::is_sorted(records.begin(), records.end()));
    EXPECT_EQ(records.front(), workshop.record().string());
}

TEST(Embed, AnotherLeadGivesAnotherEmbedding) {
    const Workshop& workshop = Workshop::get();
    const TemporaryFolder folder;
    const auto embed = [&](const std::string& lead) {
        const fs::path output = folder.path() / (lead + ".npy");
        expect_done(run({"embed", workshop.record().string(), "--model", workshop.model().string(),
                         "--lead", lead, "-o", output.string()}));
        return read_npy(output).values;
    };
    EXPECT_NE(embed("I"), embed("V5"));
}

TEST(Embed, OutputMustBeNamedNpy) {
    const Workshop& workshop = Workshop::get();
    expect_refusal(run({"embed", workshop.record().string(), "--model", workshop.model().string(),
                        "-o", "embeddings.txt"}),
                   {"embeddings.txt", ".npy"});
}

}  // namespace

}  // namespace clef::testing
