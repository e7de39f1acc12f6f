// clef evaluate and clef demo: numbers with intervals, and a page that needs nothing else.
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <regex>
#include <set>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "commands/workshop.hpp"
#include "evaluation/ledger.hpp"
#include "families.hpp"
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
    EXPECT_EQ(json.at("paired")[0].at("first"), "mine, probe");
    EXPECT_EQ(json.at("paired")[0].at("second"), "random weights, seed 1");
    expect_self_contained(read_text_file(path("out/report.html")));
}

TEST_F(Evaluate, TheSameNumbersTwiceAndPredictionsOfTheTestPatients) {
    const auto results = [&](const std::string& output, const std::string& threads) {
        const Outcome outcome =
            evaluate(output, {"--task", "simulated-rhythm", "--json", "--threads", threads});
        expect_done(outcome);
        Json json = Json::parse(outcome.out);
        for (Json& result : json.at("results")) result.erase("seconds");
        json.erase("command");
        return json;
    };
    EXPECT_TRUE(results("a", "2") == results("b", "1"));
    const fs::path file = path("a/predictions.csv");
    EXPECT_EQ(read_text_file(file), read_text_file(path("b/predictions.csv")));

    const CsvTable predictions = read_csv(file);
    std::set<std::string> predicted, expected, labels, models;
    for (const auto& row : predictions.rows) {
        const auto cell = [&](const char* column) { return row[predictions.require(column)]; };
        if (cell("split") == "test") predicted.insert(cell("record"));
        labels.insert(cell("label"));
        models.insert(cell("model"));
        EXPECT_TRUE(parse_double(cell("score")).has_value());
    }
    const CsvTable table = read_csv(cohort());
    for (const auto& row : table.rows) {
        if (row[table.require("split")] == "test") expected.insert(row[table.require("record")]);
    }
    EXPECT_FALSE(predicted.empty());
    EXPECT_EQ(predicted, expected);
    EXPECT_TRUE(labels.contains("AFIB"));
    EXPECT_EQ(models, (std::set<std::string>{"mine", "random weights", "mean predictor"}));
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

TEST_F(Evaluate, FractionsAndSeedsOfEveryProtocolWithoutTraining) {
    const Outcome outcome = evaluate(
        "out", {"--task", "simulated-rhythm", "--protocol", "probe,attention-pool,random,mean",
                "--label-fraction", "0.3,1", "--seeds", "1,2"});
    expect_done(outcome);
    const Json json = Json::parse(read_text_file(path("out/results.json")));
    std::map<std::string, std::size_t> counts;
    for (const Json& result : json.at("results")) {
        const auto protocol = result.at("protocol").get<std::string>();
        ++counts[fmt::format("{} {:g}", protocol, result.at("fraction").get<double>())];
        if (result.at("fraction") == 0.3) {
            EXPECT_LT(result.at("rows").at("fitted"), result.at("rows").at("train"));
        }
        if (protocol == "attention-pool") {
            EXPECT_FALSE(result.at("epochs").empty());
        }
    }
    EXPECT_EQ(counts, (std::map<std::string, std::size_t>{{"probe 1", 1},
                                                          {"probe 0.3", 2},
                                                          {"attention-pool 1", 2},
                                                          {"attention-pool 0.3", 2},
                                                          {"random 1", 1},
                                                          {"random 0.3", 1},
                                                          {"mean 1", 1},
                                                          {"mean 0.3", 2}}));
    EXPECT_EQ(json.at("seeds").size(), 4U);
    expect_words(json.at("command").get<std::string>(),
                 {"clef evaluate", "--label-fraction 0.3,1"});
    const std::string page = read_text_file(path("out/report.html"));
    expect_self_contained(page);
    expect_words(page, {"Label efficiency", "<title>ROC</title>", "Confusion matrix",
                        "Worst errors", "Contamination ledger", "Standard deviation",
                        "Multiply–adds per window", "evaluate --cohort"});
}

// Probed and fine-tuned heads: what `predict` says of a recording, of the lead that the head was
// fitted on, is what predictions.csv says.
TEST_F(Evaluate, SavedHeadsPredictWhatWasEvaluated) {
    const std::string protocols = can_train() ? "probe,finetune" : "probe";
    const Outcome outcome =
        evaluate("out", {"--task", "simulated-rhythm", "simulated-age", "--protocol", protocols,
                         "--epochs", "2", "--crop-seconds", "2.5", "--lead", "II", "--save-heads"});
    expect_done(outcome);
    const CsvTable expected = read_csv(path("out/predictions.csv"));
    std::map<std::array<std::string, 4>, double> scores;  // task, protocol, record, label
    for (const auto& row : expected.rows) {
        const auto cell = [&](const char* column) { return row[expected.require(column)]; };
        scores[{cell("task"), cell("protocol"), cell("record"), cell("label")}] =
            *parse_double(cell("score"));
    }
    std::size_t compared = 0;
    for (const std::string task : {"simulated-rhythm", "simulated-age"}) {
        for (const std::string protocol : {"probe", "finetune"}) {
            if (protocols.find(protocol) == std::string::npos) continue;
            const fs::path head =
                path("out/heads") / fmt::format("{}-mine-{}.safetensors", task, protocol);
            const Outcome said = run({"predict", cohort().string(), "--model", head.string(), "-o",
                                      path("said.csv").string()});
            expect_done(said);
            const CsvTable table = read_csv(path("said.csv"));
            EXPECT_EQ(table.columns,
                      (std::vector<std::string>{"record", "label", "score", "unit"}));
            for (const auto& row : table.rows) {
                EXPECT_EQ(row[3], task == "simulated-age" ? "years" : "");
                const auto found = scores.find({task, protocol, row[0], row[1]});
                if (found == scores.end()) continue;  // a training recording
                EXPECT_NEAR(*parse_double(row[2]), found->second,
                            2e-3 * (1 + std::abs(found->second)));
                ++compared;
            }
        }
    }
    EXPECT_EQ(compared, scores.size());
}

TEST_F(Evaluate, FineTuningAndScratchStandBesideTheProbe) {
    CLEF_REQUIRE_TRAINING();
    const auto results = [&](const std::string& output, const std::string& threads) {
        const Outcome outcome = evaluate(
            output, {"--task", "simulated-age", "--protocol", "probe,finetune,scratch", "--epochs",
                     "2", "--crop-seconds", "2.5", "--json", "--threads", threads});
        expect_done(outcome);
        Json json = Json::parse(outcome.out);
        json.erase("command");
        for (Json& result : json.at("results")) result.erase("seconds");
        return json;
    };
    const Json json = results("a", "2");
    EXPECT_TRUE(json == results("b", "1"));
    std::vector<std::string> protocols, pairs;
    for (const Json& result : json.at("results")) protocols.push_back(result.at("protocol"));
    EXPECT_EQ(protocols, (std::vector<std::string>{"probe", "finetune", "scratch"}));
    for (const Json& pair : json.at("paired")) {
        pairs.push_back(pair.at("first").get<std::string>() + " − " +
                        pair.at("second").get<std::string>());
    }
    EXPECT_EQ(pairs,
              (std::vector<std::string>{"mine, finetune, seed 1 − trained from scratch, seed 1",
                                        "mine, finetune, seed 1 − mine, probe"}));
}

// What `pretrain` writes of its patients is what the ledger finds.
TEST_F(Evaluate, TheLedgerKnowsThePatientsThatAModelWasPretrainedOn) {
    CLEF_REQUIRE_TRAINING();
    const Model model = read_model(Workshop::get().model());
    const Cohort seen = read_cohort(Workshop::get().cohort());
    std::vector<std::size_t> train, others;
    for (std::size_t i = 0; i < seen.rows.size(); ++i) {
        (seen.rows[i].split == "train" ? train : others).push_back(i);
    }
    const LedgerEntry entry = check_ledger(model.provenance, seen, train);
    EXPECT_GT(entry.test_patients, 0U);
    EXPECT_EQ(entry.shared_patients, entry.test_patients);
    EXPECT_EQ(check_ledger(model.provenance, seen, others).shared_patients, 0U);
}

TEST_F(Evaluate, WhatItCannotDoIsNamedAndNothingIsWritten) {
    expect_refusal(evaluate("out", {"--task", "simulated-diagnosys"}),
                   {"simulated-diagnosys", "simulated-diagnosis"});
    expect_refusal(evaluate("out", {"--task", "ptbxl-superdiagnostic"}), {"superdiagnostic"});
    expect_refusal(evaluate("out", {"--task", "simulated-age", "--protocol", "prob"}),
                   {"prob", "probe"});
    expect_refusal(evaluate("out", {"--task", "simulated-age", "--label-fraction", "0,1"}),
                   {"--label-fraction 0"});
    expect_refusal(evaluate("out", {"--task", "simulated-age", "mitdb-beat"}),
                   {"different leads", "MLII", "--lead"});
    EXPECT_FALSE(fs::exists(path("out")));
}

// Each head in the folder says of the test's first recording what the evaluation said.
void expect_heads_predict(const fs::path& results, const fs::path& recordings) {
    const CsvTable table = read_csv(results / "predictions.csv");
    for (const char* protocol : {"probe", "finetune"}) {
        const fs::path head =
            results / "heads" / fmt::format("simulated-diagnosis-its-{}.safetensors", protocol);
        std::map<std::string, double> expected;
        std::string record;
        for (const auto& row : table.rows) {
            const auto cell = [&](const char* column) { return row[table.require(column)]; };
            if (cell("protocol") != protocol || cell("split") != "test") continue;
            if (record.empty()) record = cell("record");
            if (cell("record") == record) expected[cell("label")] = *parse_double(cell("score"));
        }
        const Outcome predicted = run({"predict", (recordings / record).string(), "--model",
                                       head.string(), "--lead", "I", "--json"});
        expect_done(predicted);
        const Json scores = Json::parse(predicted.out).at("predictions").at(0).at("scores");
        ASSERT_EQ(scores.size(), expected.size());
        for (const auto& [label, score] : expected) {
            EXPECT_NEAR(scores.at(label).get<double>(), score, 1e-3) << protocol << " " << label;
        }
    }
}

// One lead of the three that each takes, for every way of learning from it.
TEST_F(Evaluate, EveryFamilyByEveryProtocol) {
    CLEF_REQUIRE_TRAINING();
    for (const std::string& family : tiny_families()) {
        const fs::path file = path(family + ".safetensors");
        write_model(tiny_model(family), file);
        const std::string before = read_text_file(file);
        const Outcome outcome = run({"evaluate",
                                     "--cohort",
                                     cohort().string(),
                                     "--task",
                                     "simulated-diagnosis",
                                     "--model",
                                     "its=" + file.string(),
                                     "--lead",
                                     "I",
                                     "--protocol",
                                     "probe,attention-pool,finetune,scratch,random,mean",
                                     "--random-seeds",
                                     "1",
                                     "--epochs",
                                     "2",
                                     "--save-heads",
                                     "--threads",
                                     "1",
                                     "-o",
                                     path(family).string()});
        expect_done(outcome);
        expect_heads_predict(path(family), cohort().parent_path());
        EXPECT_EQ(read_text_file(file), before) << family;
        const Json json = Json::parse(read_text_file(path(family) / "results.json"));
        std::set<std::string> protocols;
        for (const Json& result : json.at("results")) {
            protocols.insert(result.at("protocol").get<std::string>());
            const Json& metric = result.at("metrics").at(result.at("metric").get<std::string>());
            EXPECT_TRUE(metric.at("value").is_number()) << family;
        }
        EXPECT_EQ(protocols.size(), 6U) << family;
        // An attention pool is no model file.
        EXPECT_EQ(std::distance(fs::directory_iterator(path(family) / "heads"), {}), 2);
        const CsvTable table = read_csv(path(family) / "predictions.csv");
        std::map<std::string, std::string> scores;  // of each protocol, in the same order
        for (const auto& row : table.rows) {
            scores[row[table.require("protocol")]] += row[table.require("score")] + " ";
        }
        std::set<std::string> different;
        for (const auto& [protocol, own] : scores) different.insert(own);
        EXPECT_EQ(different.size(), 6U) << family;
    }
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
