// clef simulate, and clef info on what it made.
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

using Json = nlohmann::json;

std::map<std::string, std::string> simulated(const std::filesystem::path& folder,
                                             const Words& more) {
    Words words = {"simulate", "-o", folder.string(), "--patients", "5", "--recordings", "2"};
    words.insert(words.end(), more.begin(), more.end());
    expect_done(run(words));
    return contents(folder);
}

TEST(Simulate, SameSeedSameBytesWhateverTheThreads) {
    const TemporaryFolder folder;
    const auto first = simulated(folder.path() / "a", {"--seed", "7", "--threads", "1"});
    const auto second = simulated(folder.path() / "b", {"--seed", "7", "--threads", "2"});
    EXPECT_EQ(first.size(), 5u * 2 * 2 + 2) << "a header and a signal each, the table, the note";
    EXPECT_EQ(first, second);
}

TEST(Simulate, AnotherSeedGivesOtherPatientsAndSignals) {
    const TemporaryFolder folder;
    const auto first = simulated(folder.path() / "a", {"--seed", "7"});
    const auto second = simulated(folder.path() / "b", {"--seed", "8"});
    EXPECT_NE(first.at("cohort.csv"), second.at("cohort.csv"));
    EXPECT_NE(first.at("records/000/P00001_1.dat"), second.at("records/000/P00001_1.dat"));
}

TEST(Simulate, SummaryIsJsonOnRequest) {
    const TemporaryFolder folder;
    const Outcome outcome = run({"simulate", "-o", (folder.path() / "a").string(), "--patients",
                                 "3", "--recordings", "2", "--seed", "5", "--json"});
    expect_done(outcome);
    const Json summary = Json::parse(outcome.out);
    EXPECT_EQ(summary.at("patients"), 3);
    EXPECT_EQ(summary.at("recordings"), 6);
    EXPECT_EQ(summary.at("seed"), 5);
    EXPECT_EQ(summary.at("simulated"), true);
}

TEST(Simulate, AnImpossibleWishIsRefusedAndNothingIsWritten) {
    const TemporaryFolder folder;
    const std::filesystem::path output = folder.path() / "a";
    expect_refusal(run({"simulate", "-o", output.string(), "--missing", "1.5"}),
                   {"missing", "1.5"});
    EXPECT_FALSE(std::filesystem::exists(output));
}

TEST(Info, DescribesCohortRecordingAndModelAsJson) {
    const Workshop& workshop = Workshop::get();
    const Outcome outcome = run({"info", workshop.cohort().string(), workshop.record().string(),
                                 workshop.model().string(), "--json"});
    expect_done(outcome);
    const Json all = Json::parse(outcome.out);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].at("kind"), "cohort");
    EXPECT_EQ(all[0].at("recordings"), 16);
    EXPECT_EQ(all[0].at("patients"), 8);
    EXPECT_EQ(all[1].at("kind"), "recording");
    EXPECT_EQ(all[1].at("sampling_rate_hz"), 500.0);
    EXPECT_EQ(all[1].at("samples"), 5000);
    EXPECT_EQ(all[1].at("leads").size(), 12u);
    EXPECT_NE(all[1].at("comments").dump().find("not a recording of a person"), std::string::npos);
    EXPECT_EQ(all[2].at("kind"), "model");
    EXPECT_EQ(all[2].at("architecture"), "clef-small");
    EXPECT_EQ(all[2].at("outputs"), 256);
    EXPECT_EQ(all[2].at("recipe").at("leads"), Json::array({"I"}));
}

TEST(Info, SaysTheSameInWords) {
    const Workshop& workshop = Workshop::get();
    const Outcome outcome = run({"info", workshop.cohort().string(), workshop.record().string()});
    expect_done(outcome);
    expect_words(outcome.out, {"recordings", "16", "patients", "8", "I, II, III, aVR", "500"});
}

TEST(Info, OfAMissingRecordingNamesIt) {
    expect_refusal(run({"info", "no-such-recording"}), {"no-such-recording", "no such"});
}

}  // namespace

}  // namespace clef::testing
