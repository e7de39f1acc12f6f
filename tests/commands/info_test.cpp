// clef info on recordings: the header, and the signal quality of each lead.
#include <cmath>

#include <nlohmann/json.hpp>

#include "commands/program.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

using Json = nlohmann::json;

// Two leads of 25 s: I beats once a second, in II the first 10 s are a flat line.
fs::path write_record(const fs::path& folder) {
    Recording recording;
    recording.sampling_rate = 250;
    for (const char* name : {"I", "II"}) {
        Lead lead{name, name, "mV", true, {}};
        for (int i = 0; i < 25 * 250; ++i) {
            const double beat = (i % 250 - 100) / 3.0;
            lead.samples.push_back(
                static_cast<float>(std::exp(-0.5 * beat * beat) + 0.02 * std::sin(0.3 * i)));
        }
        recording.leads.push_back(std::move(lead));
    }
    std::fill_n(recording.leads[1].samples.begin(), 2500, 0.0F);
    write_wfdb(folder / "made", recording);
    return folder / "made";
}

TEST(Info, TellsTheQualityOfEachLead) {
    const TemporaryFolder folder;
    const Outcome outcome = run({"info", write_record(folder.path()).string(), "--json"});
    expect_done(outcome);
    const Json info = Json::parse(outcome.out);
    EXPECT_EQ(info.at("kind"), "recording");
    EXPECT_EQ(info.at("format"), "WFDB");
    EXPECT_EQ(info.at("seconds"), 25.0);
    EXPECT_EQ(info.at("leads"), Json({"I", "II"}));
    const Json& clean = info.at("quality").at(0);
    EXPECT_EQ(clean.at("lead"), "I");
    EXPECT_EQ(clean.at("unit"), "mV");
    EXPECT_EQ(clean.at("window_count"), 3) << "10 s, 10 s and a half";
    EXPECT_GT(clean.at("quality"), 0.95);
    EXPECT_EQ(clean.at("flat"), 0.0);
    EXPECT_NEAR(clean.at("highest").get<double>(), 1.02, 0.01);
    const Json& flat = info.at("quality").at(1);
    EXPECT_NEAR(flat.at("flat").get<double>(), 0.4, 1e-12);
    EXPECT_EQ(flat.at("worst_quality"), 0.0);
    EXPECT_EQ(flat.at("worst_start_s"), 0.0);
    EXPECT_FALSE(flat.contains("windows"));
}

TEST(Info, TellsWhetherTheSamplesHaveTheHeadersChecksums) {
    const TemporaryFolder folder;
    const std::string record = write_record(folder.path()).string();
    const auto checksums = [&] {
        std::string found;
        const Outcome outcome = run({"info", record, "--json"});
        expect_done(outcome);
        const Json info = Json::parse(outcome.out);
        for (const Json& signal : info.at("signals")) {
            found += signal.at("checksum").get<std::string>() + " ";
        }
        return found;
    };
    EXPECT_EQ(checksums(), "ok ok ");
    expect_words(run({"info", record}).out, {"checksums                ok\n"});
    std::string bytes = read_text_file(record + ".dat");
    bytes[401] = static_cast<char>(bytes[401] ^ 1);  // of frame 100, the first signal
    write_file(record + ".dat", bytes);
    EXPECT_EQ(checksums(), "mismatch ok ");
    expect_words(run({"info", record}).out, {"ok: II; mismatch: I\n"});
    const Outcome header = run({"info", record, "--json", "--no-quality"});
    EXPECT_EQ(header.out.find("checksum"), std::string::npos) << "the samples were not read";
}

TEST(Info, TellsTheLimbLeadsThatCanBeDerived) {
    const TemporaryFolder folder;
    const std::string record = write_record(folder.path()).string();
    const Json info = Json::parse(run({"info", record, "--json", "--no-quality"}).out);
    EXPECT_EQ(info.at("derivable_leads"), Json({"III", "aVR", "aVL", "aVF"}));
    expect_words(run({"info", record, "--no-quality"}).out, {"derived on request", "III, aVR"});
}

TEST(Info, EveryWindowOnRequest) {
    const TemporaryFolder folder;
    const std::string record = write_record(folder.path()).string();
    const Outcome outcome = run({"info", record, "--json", "--windows"});
    expect_done(outcome);
    const Json windows = Json::parse(outcome.out).at("quality").at(1).at("windows");
    ASSERT_EQ(windows.size(), 3u);
    EXPECT_EQ(windows[0].at("flat"), 1.0);
    EXPECT_EQ(windows[0].at("quality"), 0.0);
    EXPECT_TRUE(windows[0].at("noise").is_null()) << "a flat line has no spectrum";
    EXPECT_EQ(windows[2].at("start_s"), 20.0);
    EXPECT_GT(windows[2].at("quality"), 0.9);
    expect_refusal(run({"info", record, "--windows"}), {"--windows", "--json"});
}

TEST(Info, ForPeopleIsATableWithALineForEachLead) {
    const TemporaryFolder folder;
    const Outcome outcome = run({"info", write_record(folder.path()).string()});
    expect_done(outcome);
    expect_words(outcome.out, {"WFDB", "250 Hz", "quality", "saturated", "\n    I ", "\n    II ",
                               "0.000 at 0 s"});
}

TEST(Info, WithoutQualityReadsTheHeaderAlone) {
    const TemporaryFolder folder;
    const fs::path record = write_record(folder.path());
    fs::remove(record.string() + ".dat");
    expect_refusal(run({"info", record.string(), "--json"}), {"made.dat", "--no-quality"});
    const Outcome outcome = run({"info", record.string(), "--json", "--no-quality"});
    expect_done(outcome);
    EXPECT_FALSE(Json::parse(outcome.out).contains("quality"));
    EXPECT_EQ(Json::parse(outcome.out).at("samples"), 6250);
}

TEST(Info, OfAHalfHourRecordingIsReadInBlocks) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.hea");
    const Outcome outcome = run({"info", (shared_folder() / "data/mitdb/100").string(), "--json"});
    expect_done(outcome);
    const Json info = Json::parse(outcome.out);
    EXPECT_EQ(info.at("samples"), 650000);
    for (const Json& lead : info.at("quality")) {
        EXPECT_EQ(lead.at("window_count"), 181) << "180 of 10 s and one of 5.6 s";
        EXPECT_EQ(lead.at("missing"), 0.0);
        EXPECT_GT(lead.at("quality"), 0.9);
    }
}

}  // namespace

}  // namespace clef::testing
