// clef benchmark: the table, what is missing said beforehand, and taking up an interrupted run.
#include <set>

#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Forty simulated patients and two encoders, made once.
class Benchmark : public ::testing::Test {
  protected:
    static const fs::path& kitchen() {
        static const Folder folder;
        static const fs::path made = [] {
            const fs::path cohort = folder.path() / "cohort";
            expect_done(run({"simulate", "-o", cohort.string(), "--patients", "40"}));
            write_model(random_model("clef-small", 1, 11), folder.path() / "one.safetensors");
            write_model(random_model("clef-small", 1, 12), folder.path() / "two.safetensors");
            return folder.path();
        }();
        return made;
    }
    fs::path path(const std::string& name) const { return folder_.path() / name; }
    fs::path suite(const std::string& more, const std::string& file = "one.safetensors") const {
        write_file(path("suite.toml"), "name = \"made\"\ntitle = \"Made up\"\n" + more +
                                           "[options]\nrandom_seeds = 1\nepochs = 1\n"
                                           "crop_seconds = 1.5\n"
                                           "[[data]]\nname = \"simulated\"\n"
                                           "cohort = \"cohort/cohort.csv\"\n"
                                           "from = \"clef simulate -o cohort\"\n"
                                           "[[models]]\nname = \"one\"\nfile = \"" +
                                           file +
                                           "\"\nfrom = \"write it\"\n"
                                           "[[models]]\nname = \"two\"\n"
                                           "file = \"two.safetensors\"\n"
                                           "[[tasks]]\ntask = \"simulated-age\"\n"
                                           "data = \"simulated\"\n"
                                           "[[tasks]]\ntask = \"simulated-rhythm\"\n"
                                           "data = \"simulated\"\n");
        return path("suite.toml");
    }
    Outcome benchmark(const fs::path& file, const std::string& output) const {
        return run({"benchmark", "--suite", file.string(), "--folder", kitchen().string(), "-o",
                    path(output).string()});
    }

    TemporaryFolder folder_;
};

TEST_F(Benchmark, EndsInOneTableWithRanksAndIsResumedToTheSame) {
    const fs::path file = suite(can_train() ? "protocols = [\"probe\", \"scratch\", \"random\"]\n"
                                            : "protocols = [\"probe\", \"random\"]\n");
    const Outcome first = benchmark(file, "out");
    expect_done(first);
    expect_words(first.out, {"one, probe", "two, probe", "random weights", "mean ranks over 2"});
    Json json = Json::parse(read_text_file(path("out/results.json")));
    EXPECT_EQ(json.at("schema"), "clef.benchmark");
    const std::size_t methods = can_train() ? 4 : 3;
    EXPECT_EQ(json.at("table").size(), 2 * methods);
    EXPECT_EQ(json.at("ranks").at("methods").size(), methods);
    EXPECT_EQ(json.at("ranks").at("tasks").size(), 2U);
    const std::string page = read_text_file(path("out/report.html"));
    expect_words(page, {"Made up", "critical difference", "Demšar", "Contamination ledger",
                        "one, probe", "Age"});

    // One result lost, as if the run had ended before it.
    std::set<fs::path> stored;
    for (const auto& entry : fs::directory_iterator(path("out/cells"))) stored.insert(entry.path());
    ASSERT_EQ(stored.size(), 2 * 2 * methods);
    const fs::path lost = path("out/cells/simulated-age-two-probe-1-1.json");
    ASSERT_TRUE(fs::exists(lost));
    const auto kept = path("out/cells/simulated-age-one-probe-1-1.json");
    const auto written = fs::last_write_time(kept);
    fs::remove(lost);
    const auto without_times = [](Json document) {
        for (Json& result : document.at("results")) result.erase("seconds");
        return document;
    };
    expect_done(benchmark(file, "out"));
    EXPECT_TRUE(without_times(Json::parse(read_text_file(path("out/results.json")))) ==
                without_times(json));
    EXPECT_TRUE(fs::exists(lost));
    EXPECT_EQ(fs::last_write_time(kept), written);
}

TEST_F(Benchmark, AStoredResultOfOtherOptionsDoesNotCount) {
    const fs::path file = suite("protocols = [\"probe\"]\n");
    expect_done(benchmark(file, "out"));
    const fs::path kept = path("out/cells/simulated-age-one-probe-1-1.json");
    const std::string before = read_text_file(kept);
    expect_done(benchmark(suite("protocols = [\"probe\"]\n", "two.safetensors"), "out"));
    EXPECT_NE(Json::parse(read_text_file(kept)).at("key"), Json::parse(before).at("key"));
}

TEST_F(Benchmark, WhatIsMissingIsListedBeforeAnythingIsDone) {
    const fs::path file = suite("protocols = [\"probe\"]\n", "nowhere.safetensors");
    write_file(file, read_text_file(file) +
                         "[[data]]\nname = \"other\"\ncohort = \"other.csv\"\n"
                         "from = \"PhysioNet\"\n");
    expect_refusal(benchmark(file, "out"), {"2 things are missing", "nowhere.safetensors",
                                            "write it", "other.csv", "PhysioNet"});
    EXPECT_FALSE(fs::exists(path("out")));
}

// --untrained draws it, --available leaves its task out; both are said, in the report too.
TEST_F(Benchmark, CanBeTriedBeforeItsWeightsAndDataAreThere) {
    const fs::path file = suite("protocols = [\"probe\"]\n", "nowhere.safetensors");
    std::string text = read_text_file(file);
    const std::string model = "from = \"write it\"\n";
    text.insert(text.find(model), "architecture = \"moment-1-small\"\n");
    write_file(file, text +
                         "[[data]]\nname = \"other\"\ncohort = \"other.csv\"\n"
                         "[[tasks]]\ntask = \"simulated-risk\"\ndata = \"other\"\n");
    const auto tried = [&](std::vector<std::string> flags) {
        std::vector<std::string> words = {"benchmark",         "--suite",          file.string(),
                                          "--folder",          kitchen().string(), "-o",
                                          path("out").string()};
        words.insert(words.end(), flags.begin(), flags.end());
        return run(words);
    };
    expect_refusal(tried({"--untrained"}), {"1 thing is missing", "other.csv"});
    expect_refusal(tried({"--available"}), {"1 thing is missing", "nowhere.safetensors"});
    const Outcome outcome = tried({"--untrained", "--available"});
    expect_done(outcome);
    expect_words(outcome.err, {"moment-1-small was drawn at random", "other.csv"});
    const Json json = Json::parse(read_text_file(path("out/results.json")));
    EXPECT_EQ(json.at("table").size(), 2U * 2);
    const std::string page = read_text_file(path("out/report.html"));
    expect_words(page, {"one (random weights)", "Its numbers are no result", "moment: lead",
                        "straight lines", "clef: lead I", "other.csv"});
}

TEST_F(Benchmark, ASuiteThatCannotBeIsToldWhere) {
    const fs::path file = suite("protocols = [\"probe\"]\n");
    const std::string good = read_text_file(file);
    const auto refused = [&](const std::string& from, const std::string& to,
                             const std::vector<std::string>& words) {
        std::string text = good;
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos);
        write_file(file, text.replace(at, from.size(), to));
        expect_refusal(benchmark(file, "out"), words);
    };
    refused("protocols", "protocol", {"suite.toml", "line 3", "'protocol'", "protocols"});
    refused("\"probe\"", "\"prob\"", {"prob", "probe"});
    refused("data = \"simulated\"", "data = \"simulate\"", {"line", "simulate", "simulated"});
    refused("simulated-age", "simulated-agee", {"simulated-agee", "simulated-age"});
    refused("epochs = 1", "epochs = 0", {"epochs", "at least 1"});
    refused("name = \"two\"", "name = \"one\"", {"'one' appears twice"});
    refused("title", "title = ", {"suite.toml", "line 2"});
}

}  // namespace

}  // namespace clef::testing
