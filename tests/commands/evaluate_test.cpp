// clef evaluate and clef demo: numbers with intervals, and a page that needs nothing else.
#include <regex>

#include "base/csv.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// One file: no script, no style sheet, no picture from elsewhere (an SVG's name space is only a
// name).
void expect_self_contained(const std::string& page) {
    expect_words(page, {"<html", "</html>", "<svg"});
    const std::regex outside(
        "(src|href)\\s*=\\s*[\"']?(https?:|//"
        "|file:)|<script|<link|<iframe|@import|url\\(\\s*[\"']?http",
        std::regex::icase);
    std::smatch found;
    EXPECT_FALSE(std::regex_search(page, found, outside)) << found.str();
}

// Sixty simulated patients, made once for all of these tests.
class Evaluate : public ::testing::Test {
  protected:
    static const fs::path& cohort() {
        static const Folder folder;
        static const fs::path table = [] {
            const fs::path made = folder.path() / "cohort";
            expect_done(
                run({"simulate", "-o", made.string(), "--patients", "60", "--recordings", "2"}));
            return made / "cohort.csv";
        }();
        return table;
    }
    fs::path path(const std::string& name) const { return folder_.path() / name; }
    Outcome evaluate(const std::string& output, const Words& more,
                     const fs::path& table = cohort()) const {
        Words words = {"evaluate",
                       "--cohort",
                       table.string(),
                       "--model",
                       "mine=" + Workshop::get().model().string(),
                       "--random-seeds",
                       "1",
                       "-o",
                       path(output).string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    TemporaryFolder folder_;
};

TEST_F(Evaluate, GivesEachNumberAnIntervalBesideTheBaselines) {
    const Outcome outcome = evaluate("out", {"--task", "simulated-diagnosis", "simulated-age"});
    expect_done(outcome);
    expect_words(outcome.out, {"mine", "random weights", "mean predictor", "report.html"});
    const Json json = Json::parse(read_text_file(path("out/results.json")));
    ASSERT_EQ(json.at("models").size(), 2u);
    ASSERT_EQ(json.at("results").size(), 2u * 3)
        << "two tasks: mine, random weights, mean predictor";
    for (const Json& result : json.at("results")) {
        const Json& metric = result.at("metrics").at(result.at("metric").get<std::string>());
        EXPECT_LE(metric.at("low").get<double>(), metric.at("value").get<double>())
            << result.at("model");
        EXPECT_GE(metric.at("high").get<double>(), metric.at("value").get<double>())
            << result.at("model");
    }
    ASSERT_EQ(json.at("paired").size(), 2u);
    EXPECT_EQ(json.at("paired")[0].at("first"), "mine");
    expect_self_contained(read_text_file(path("out/report.html")));
}

TEST_F(Evaluate, TheSameNumbersTwiceAndPredictionsOfTheTestPatients) {
    const auto results = [&](const std::string& output, const std::string& threads) {
        const Outcome outcome =
            evaluate(output, {"--task", "simulated-rhythm", "--json", "--threads", threads});
        expect_done(outcome);
        Json json = Json::parse(outcome.out);
        for (Json& result : json.at("results")) result.erase("seconds");
        return json;
    };
    EXPECT_TRUE(results("a", "2") == results("b", "1"));
    const fs::path file = path("a/predictions-simulated-rhythm.csv");
    EXPECT_EQ(read_text_file(file), read_text_file(path("b/predictions-simulated-rhythm.csv")));

    const auto of_test = [](const CsvTable& table) {
        std::vector<std::string> records;
        for (const auto& row : table.rows) {
            if (row[table.require("split")] == "test")
                records.push_back(row[table.require("record")]);
        }
        return records;
    };
    const CsvTable predictions = read_csv(file);
    EXPECT_FALSE(of_test(predictions).empty());
    EXPECT_EQ(of_test(predictions), of_test(read_csv(cohort())));
    EXPECT_TRUE(predictions.find("AFIB.score").has_value());
}

TEST_F(Evaluate, ACheckpointIsTakenAsItIs) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const std::string checkpoint =
        (shared_folder() / "goldens/checkpoints/clef_small_lightning.ckpt").string();
    const Outcome outcome =
        evaluate("out", {"--model", "published=" + checkpoint, "--task", "simulated-age"});
    expect_done(outcome);
    expect_words(outcome.out, {"published"});
    expect_words(outcome.err, {"clef_small_lightning.ckpt", "prefix 'backbone.': clef-small"});
}

TEST_F(Evaluate, WhatItCannotDoIsNamedAndNothingIsWritten) {
    expect_refusal(evaluate("out", {"--task", "simulated-diagnosys"}),
                   {"simulated-diagnosys", "simulated-diagnosis"});
    expect_refusal(evaluate("out", {"--task", "ptbxl-superdiagnostic"}), {"superdiagnostic"});
    expect_refusal(evaluate("out", {"--task", "simulated-age", "--protocol", "prob"}),
                   {"prob", "probe"});
    EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Evaluate, APatientOnBothSidesOfTheSplitIsRefused) {
    std::string table = read_text_file(cohort());
    const std::size_t split = table.find(",train,");
    ASSERT_NE(split, std::string::npos);
    const fs::path leaking = path("leaking.csv");
    write_file(leaking, table.replace(split, 7, ",test,"));
    expect_refusal(evaluate("out", {"--task", "simulated-age"}, leaking),
                   {leaking.string(), "P00001", "test (line 2)", "train (line 3)"});
    EXPECT_FALSE(fs::exists(path("out")));
}

TEST(Demo, EndsInOnePageThatSaysItIsSimulated) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "demo";
    const Outcome outcome = run({"demo", "-o", output.string(), "--patients", "40", "--set",
                                 "run.steps=3", "--set", "run.batch=8"});
    expect_done(outcome);
    expect_words(outcome.err, {"1/4", "2/4", "3/4", "4/4"});
    expect_words(outcome.out, {"pretrained", "random weights", (output / "report.html").string()});
    const std::string page = read_text_file(output / "report.html");
    expect_self_contained(page);
    expect_words(page, {"imulated", "no evidence about patients", "Pretraining", "random weights"});
    EXPECT_TRUE(Json::parse(read_text_file(output / "results.json")).contains("results"));
    EXPECT_TRUE(fs::exists(output / "run" / "model.safetensors"));
}

TEST(Demo, OnACohortNeedsATask) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "demo";
    expect_refusal(
        run({"demo", "-o", output.string(), "--cohort", Workshop::get().cohort().string()}),
        {"--task"});
    EXPECT_FALSE(fs::exists(output));
}

}  // namespace

}  // namespace clef::testing
