// clef geometry on a simulated cohort, and clef index --metadata.
#include "base/csv.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Geometry : public ::testing::Test {
  protected:
    // Sixty simulated patients with their risks, made once.
    static const fs::path& cohort() {
        static const Folder folder;
        static const fs::path table = [] {
            const std::string made = (folder.path() / "cohort").string();
            expect_done(run({"simulate", "-o", made, "--patients", "60", "--recordings", "2",
                             "--missing", "0"}));
            expect_done(run(
                {"risk", made + "/cohort.csv", "--region", "moderate", "-o", made + "/risk.csv"}));
            return fs::path(made) / "risk.csv";
        }();
        return table;
    }
    Outcome geometry(const Words& more, const fs::path& table = cohort()) const {
        Words words = {"geometry",
                       "--cohort",
                       table.string(),
                       "--model",
                       "mine=" + Workshop::get().model().string(),
                       "--resamples",
                       "50"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    TemporaryFolder folder_;
};

TEST_F(Geometry, WritesNumbersAndAPageThatNeedsNothingElse) {
    const fs::path out = folder_.path() / "out";
    const Outcome outcome = geometry({"--split", "all", "-o", out.string(), "--json"});
    expect_done(outcome);
    const Json json = Json::parse(outcome.out);
    EXPECT_EQ(json, Json::parse(read_text_file(out / "geometry.json")));
    EXPECT_EQ(json.at("schema"), "clef.geometry");
    EXPECT_EQ(json.at("rows"), "all rows");
    ASSERT_EQ(json.at("models").size(), 2u) << "mine, and one with random weights";
    for (const Json& model : json.at("models")) {
        for (const char* name : {"distance_risk", "distance_risk_within_age", "neighbour_purity",
                                 "neighbour_excess", "ridge_r2", "ridge_pearson"}) {
            const Json& value = model.at("values").at(name);
            EXPECT_LE(value.at("low").get<double>(), value.at("high").get<double>()) << name;
        }
        EXPECT_GT(model.at("effective_rank").get<double>(), 1);
    }
    const auto patients = json.at("patients").get<std::size_t>();
    EXPECT_EQ(json.at("pairs").at("possible").get<std::size_t>(), patients * (patients - 1) / 2);
    EXPECT_EQ(json.at("differences").size(), 5u);
    const std::string page = read_text_file(out / "geometry.html");
    expect_words(page, {"<html", "</html>", "Embedding map", "W, form interpolated", "mine"});
    EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST_F(Geometry, LeavesTheTrainingPatientsOutUnlessAsked) {
    const Json training =
        Json::parse(geometry({"--json", "--random-seeds", "0", "--split", "train"}).out);
    const Json all = Json::parse(geometry({"--json", "--random-seeds", "0", "--split", "all"}).out);
    EXPECT_LT(training.at("patients").get<int>(), all.at("patients").get<int>());
    EXPECT_TRUE(training.at("differences").empty());
    // Those held out are too few to say anything.
    expect_refusal(geometry({}), {"patients have a risk", "20"});
    expect_refusal(geometry({"--split", "tset"}), {"--split", "tset", "test"});
}

TEST_F(Geometry, ACohortWithoutRiskIsToldHowToGetOne) {
    expect_refusal(geometry({"--split", "all"}, cohort().parent_path() / "cohort.csv"),
                   {"0 patients have a risk", "clef risk"});
}

TEST(IndexMetadata, JoinsATableAndSaysWhatDidNotMatch) {
    const TemporaryFolder folder;
    const fs::path records = Workshop::get().cohort().parent_path() / "records";
    const std::string table = (folder.path() / "m.csv").string();
    const std::string output = (folder.path() / "c.csv").string();
    write_file(table,
               "gender,age_at_ecg,Blood Pressure,score2_risk,path\n"
               "F,61,130/80,4.5,000/P00001_1\nM,70,,,000/P00002_1\nM,70,,,000/Q\n");
    const auto index = [&](const Words& more) {
        Words words = {"index", records.string(), "--dataset",  "folder",
                       "-o",    output,           "--metadata", table};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const Outcome outcome = index({"--metadata-risk-unit", "percent", "--json"});
    expect_done(outcome);
    const Json summary = Json::parse(outcome.out).at("metadata");
    EXPECT_EQ(summary.at("matched"), 2);
    EXPECT_EQ(summary.at("unmatched"), 14);
    EXPECT_EQ(summary.at("unused"), 1);
    expect_words(outcome.err, {"2 recordings matched on record", "14 without a row"});
    const CsvTable found = read_csv(output);
    const auto& row = found.rows[0];
    EXPECT_EQ(row[found.require("sex")], "F");
    EXPECT_EQ(row[found.require("sbp_mmhg")], "130");
    EXPECT_EQ(row[found.require("risk")], "0.045");
    // MIMIC-IV's attributes are enough for a risk with what is missing imputed.
    expect_done(run({"risk", output, "--region", "low", "--missing", "impute", "-o", output}));

    expect_refusal(index({"--metadata-key", "name"}), {"--metadata-key", "name", "patient_id"});
    expect_refusal(index({"--metadata-key", "patient_id"}), {"subject_id"});
    expect_refusal(run({"index", records.string(), "--dataset", "folder", "-o", output,
                        "--metadata-key", "record"}),
                   {"--metadata FILE"});
}

}  // namespace

}  // namespace clef::testing
