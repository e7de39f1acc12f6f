// `clef annotations` prints what the WFDB program rdann prints.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "commands/program.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

std::string record(const std::string& name) {
    return (shared_folder() / "data/wfdb-formats" / name).string();
}

Outcome annotations(const std::string& name, Words options) {
    Words words{"annotations", record(name)};
    words.insert(words.end(), options.begin(), options.end());
    return run(words);
}

}  // namespace

TEST(AnnotationsCommand, AgreesWithTheGoldens) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/target-output");
    const auto golden = [](const std::string& name) {
        return read_text_file(shared_folder() / "data/wfdb-formats/target-output" / name);
    };
    EXPECT_EQ(annotations("100", {"-a", "atr"}).out, golden("ann-1"));
    EXPECT_EQ(annotations("12726", {"-a", "anI"}).out, golden("ann-2"));
}

// The expected lines of these three tests are rdann's (WFDB 10.7).
TEST(AnnotationsCommand, TimesAreAsFineAsTheFileAndSamplesAreTheRecords) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/03700181.gqrsh");
    const Outcome outcome = annotations("03700181", {"-a", "gqrsh", "--from", "s270", "--to", "4"});
    expect_done(outcome);
    EXPECT_EQ(outcome.out,
              "[17:27:47.612 15/08/1994]      327     N    0    0   10\n"
              "[17:27:48.098 15/08/1994]      387     N    0    0   10\n");
}

TEST(AnnotationsCommand, RangesMayBeTimes) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/100.atr");
    EXPECT_EQ(annotations("100", {"-a", "atr", "--from", "29:59", "--to", "30:01"}).out,
              "   29:59.089   647672     N    0    0    0\n"
              "   29:59.817   647934     N    0    0    0\n"
              "   30:00.564   648203     N    0    0    0\n");
    expect_refusal(annotations("100", {"-a", "atr", "--from", "soon"}), {"--from soon", "1:30"});
}

TEST(AnnotationsCommand, FromZeroShowsTheDefinitionsToo) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/1003.atr");
    EXPECT_EQ(annotations("1003", {"-a", "atr", "--from", "0", "--to", "s80"}).out,
              "    0:00.000        0     \"    0    0    0\t## annotation type definitions\n"
              "    0:00.000        0     \"    0    0    0\t15 c calibration pulse\n\n"
              "    0:00.000        0     \"    0    0    0\t17 # pressure line flushed\n\n"
              "    0:00.000        0     \"    0    0    0\t20 x signal source change\n\n"
              "    0:00.000        0     \"    0    0    0\t21 w wedge recording (PCW)\n\n"
              "    0:00.000        0     \"    0    0    0\t23 * pop test\n\n"
              "    0:00.000        0     \"    0    0    0\t24 z zero pressure\n\n"
              "    0:00.000        0     \"    0    0    0\t## end of definitions\n"
              "    0:00.000        0          0    0    0\n"
              "    0:00.203       73     N    0    0    0\t \n");
}

TEST(AnnotationsCommand, WithoutAHeaderTheRateIsAnnouncedAsAssumed) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/huge.qrs");
    const Outcome outcome = annotations("huge", {"-a", "qrs"});
    expect_done(outcome);
    EXPECT_EQ(outcome.out, "11111:06:40.000  10000000000     N    0    0    0\n");
    expect_words(outcome.err, {"no header", "250 Hz"});
}

TEST(AnnotationsCommand, AsJson) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/100.atr");
    const auto list =
        nlohmann::json::parse(annotations("100", {"-a", "atr", "--to", "s100", "--json"}).out);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].at("symbol"), "+");
    EXPECT_EQ(list[0].at("sample"), 18);
    EXPECT_EQ(list[0].at("text"), "(N");
    EXPECT_EQ(list[1].at("time"), "0:00.214");
}

TEST(AnnotationsCommand, AnAbsentAnnotatorNamesThoseThereAre) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/03700181.sqrs");
    expect_refusal(annotations("03700181", {}), {"-a", "gqrsh, gqrsl, sqrs"});
    expect_refusal(annotations("03700181", {"-a", "atr"}), {"03700181.atr", "gqrsh, gqrsl, sqrs"});
    expect_refusal(annotations("a103l", {}), {"no annotation files"});
    expect_refusal(annotations("nothing", {"-a", "atr"}), {"nothing.atr"});
}

TEST(AnnotationsCommand, OfAnEdfFileBesideAWfdbHeaderOfItsName) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/test_generator_2.hea");
    const Outcome outcome = annotations("test_generator_2.edf", {"--json"});
    expect_done(outcome);
    EXPECT_NE(outcome.out.find("RECORD START"), std::string::npos) << outcome.out;
}

TEST(AnnotationsCommand, FilesThatHoldTheirAnnotationsNeedNoAnnotator) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/test_edfann.edf");
    const Outcome outcome = annotations("test_edfann.edf", {"--json"});
    expect_done(outcome);
    const auto list = nlohmann::json::parse(outcome.out);
    ASSERT_FALSE(list.empty());
    EXPECT_EQ(list[0].at("symbol"), "\"");
    expect_refusal(annotations("test_edfann.edf", {"-a", "atr"}), {"leave -a out"});
}

}  // namespace clef::testing
