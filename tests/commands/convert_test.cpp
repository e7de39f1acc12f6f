// `clef convert`: what it says, and that its exit codes and files are right. What comes out of it
// is tested in tests/formats/conversion_writer_test.cpp.
#include <cmath>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "commands/program.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

std::string shared(const std::string& name) {
    return (shared_folder() / "data" / name).string();
}

}  // namespace

TEST(ConvertCommand, KeepsDigitalValuesAndAnnotations) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const Folder folder;
    const std::string out = (folder.path() / "x").string();
    const Outcome outcome = run({"convert", shared("mitdb/100"), out, "--format", "wfdb516",
                                 "--from", "10", "--to", "s7200", "--leads", "V5"});
    expect_done(outcome);
    EXPECT_EQ(outcome.err, "");
    expect_words(outcome.out, {"x.hea: 1 lead × 3600 samples at 360 Hz", "as they were", "x.atr"});
    // The same samples as the source's, seen through dump.
    const Outcome before = run({"dump", shared("mitdb/100"), "--digital", "--channels", "V5",
                                "--from", "10", "--to", "20"});
    const Outcome after = run({"dump", out, "--digital"});
    EXPECT_EQ(after.out, before.out);
    const auto beats = nlohmann::json::parse(run({"annotations", out, "-a", "atr", "--json"}).out);
    const auto all = nlohmann::json::parse(
        run({"annotations", shared("mitdb/100"), "-a", "atr", "--json", "--from", "10"}).out);
    ASSERT_GT(beats.size(), 5U);
    EXPECT_EQ(beats[0].at("sample").get<int>() + 3600, all[0].at("sample").get<int>());
}

TEST(ConvertCommand, LossesAreSaidOnStandardErrorAndInJson) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const Folder folder;
    const std::string out = (folder.path() / "x.edf").string();
    const Outcome outcome =
        run({"convert", shared("mitdb/100"), out, "--resolution", "100", "--to", "10", "--json"});
    expect_done(outcome);
    expect_words(outcome.err, {"largest difference 0.005 mV", "comment lines"});
    const auto result = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(result.at("digital_values_kept"), false);
    EXPECT_EQ(result.at("samples"), 3600);
    EXPECT_FALSE(result.at("losses").empty());
    const auto notes = nlohmann::json::parse(run({"annotations", out, "--json"}).out);
    EXPECT_EQ(notes.at(0).at("text"), "+ (N");
}

TEST(ConvertCommand, NpyComesWithTheOptionsThatReadItBack) {
    CLEF_REQUIRE_SHARED("data/ptbxl/records100/00000/00001_lr.hea");
    const Folder folder;
    const std::string out = (folder.path() / "x.npy").string();
    const Outcome outcome =
        run({"convert", shared("ptbxl/records100/00000/00001_lr"), out, "--leads", "II,V1"});
    expect_done(outcome);
    expect_words(outcome.err, {"--fs 100 --units mV --lead-names II,V1"});
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "x.json"));
}

TEST(ConvertCommand, TimesCountAtTheRateOfTheLeadAskedFor) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/mixedsignals.hea");
    const testing::TemporaryFolder folder;
    const std::string in = shared("wfdb-formats/mixedsignals");
    const auto describe = run({"info", in, "--json", "--no-quality"});
    const auto info = nlohmann::json::parse(describe.out);
    ASSERT_EQ(info.at("signals").size(), 6u);
    for (const auto& signal : info.at("signals")) {
        const std::string name = signal.at("name");
        const double rate = signal.at("sampling_rate_hz");
        const auto outcome = run({"convert", in, (folder.path() / "x.npy").string(), "--leads",
                                  name, "--from", "10", "--to", "14", "--json"});
        expect_done(outcome);
        EXPECT_EQ(nlohmann::json::parse(outcome.out).at("samples"),
                  std::lround(14 * rate) - std::lround(10 * rate))
            << name;
    }
}

TEST(ConvertCommand, WrongRequestsLeaveNothingBehind) {
    CLEF_REQUIRE_SHARED("data/ptbxl/records100/00000/00001_lr.hea");
    const Folder folder;
    const std::string in = shared("ptbxl/records100/00000/00001_lr");
    const std::string out = (folder.path() / "x").string();
    expect_refusal(run({"convert", in, out + ".mat"}), {"--format", "wfdb16"});
    expect_refusal(run({"convert", in, out, "--from", "soon"}), {"--from soon"});
    expect_refusal(run({"convert", in, out, "--leads", "V9"}), {"no lead V9"});
    expect_refusal(run({"convert", in, out, "-a", "atr"}), {".atr", "no such annotation file"});
    expect_refusal(run({"convert", in, out, "--format", "wfdb212", "--resolution", "100000"}),
                   {"does not fit", "--resolution"});
}

}  // namespace clef::testing
