// clef index on a plain folder of recordings, and the columns of signal quality.
#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/random.hpp"
#include "commands/program.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

using Json = nlohmann::json;

// Lead I beats once a second; in V1 there is only noise.
void write_record(const fs::path& path, const std::vector<std::string>& comments = {},
                  bool beating = true) {
    Recording recording;
    recording.sampling_rate = 250;
    recording.comments = comments;
    Random random(1, path.filename().string());
    for (const char* name : {"I", "V1"}) {
        Lead lead{name, name, "mV", true, {}};
        const bool beats = beating && lead.name == "I";
        for (int i = 0; i < 12 * 250; ++i) {
            const double beat = (i % 250 - 100) / 3.0;
            lead.samples.push_back(static_cast<float>((beats ? std::exp(-0.5 * beat * beat) : 0) +
                                                      0.02 * random.normal()));
        }
        recording.leads.push_back(std::move(lead));
    }
    fs::create_directories(path.parent_path());
    write_wfdb(path, recording);
}

class IndexFolder : public ::testing::Test {
  protected:
    fs::path path(const std::string& name) const { return folder_.path() / "in" / name; }
    fs::path out(const std::string& name) const { return folder_.path() / "out" / name; }

    Outcome index(const Words& more = {}) const {
        Words words = {"index", path("").string(), "-o", out("cohort.csv").string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    std::vector<std::string> column(const std::string& name) const {
        const CsvTable table = read_csv(out("cohort.csv"));
        std::vector<std::string> cells;
        for (const auto& row : table.rows) cells.push_back(row[table.require(name)]);
        return cells;
    }

    // Without the folder's own path.
    std::vector<std::string> records() const {
        std::vector<std::string> names;
        for (const std::string& record : column("record")) {
            names.push_back(fs::path(record).lexically_relative(path("")).string());
        }
        return names;
    }

    TemporaryFolder folder_;
};

TEST_F(IndexFolder, FindsRecordingsBelowInTheOrderOfTheirPaths) {
    write_record(path("b/2"), {"Age: 63", "Sex: F"});
    write_record(path("a"), {"69 M 1085 1629 x1"});
    write_record(path("b/10"), {"<age>: -1", "<sex>: unknown"});
    write_record(path(".hidden/c"));
    write_file(path("b/.d.hea"), "no header\n");
    write_file(path("notes.txt"), "not a recording\n");
    write_file(path("a.atr"), "");
    const Outcome outcome = index({"--json"});
    expect_done(outcome);
    const Json said = Json::parse(outcome.out);
    EXPECT_EQ(said.at("recordings"), 3);
    EXPECT_EQ(said.at("skipped"), 0);
    expect_words(outcome.err, {"3 WFDB", "1 .txt", "2 recordings are from their headers"});
    EXPECT_EQ(records(), (Words{"a", "b/10", "b/2"}));
    EXPECT_EQ(column("age"), (Words{"69", "", "63"}));
    EXPECT_EQ(column("sex"), (Words{"M", "", "F"}));
    EXPECT_EQ(column("format"), (Words{"WFDB", "WFDB", "WFDB"}));
    EXPECT_EQ(column("sampling_rate_hz"), (Words{"250", "250", "250"}));
    EXPECT_EQ(column("seconds"), (Words{"12", "12", "12"}));
    EXPECT_EQ(column("leads"), (Words{"I V1", "I V1", "I V1"}));
    EXPECT_EQ(column("quality_lead"), (Words{"V1", "V1", "V1"})) << "the worst";
    // The table is one that every other command reads, without a warning.
    const Outcome described = run({"info", out("cohort.csv").string(), "--json"});
    expect_done(described);
    EXPECT_EQ(described.err.find("warning"), std::string::npos) << described.err;
}

TEST_F(IndexFolder, ListsWhatCannotBeReadWithReasons) {
    write_record(path("good"));
    write_record(path("cut"));
    fs::resize_file(path("cut.dat"), 1001);
    write_file(path("page.hea"), "<html>not found</html>\n");
    const Outcome outcome = index();
    expect_done(outcome);
    expect_words(outcome.err, {"2 recordings skipped", "skipped.csv"});
    EXPECT_EQ(records(), Words{"good"});
    const CsvTable skipped = read_csv(out("skipped.csv"));
    ASSERT_EQ(skipped.rows.size(), 2u);
    for (const auto& row : skipped.rows) EXPECT_NE(row[skipped.require("reason")], "");
    expect_refusal(index({"--strict"}), {"in/page"});
    // Headers alone do not tell that a signal file is cut off, unless the reader looks.
    expect_done(index({"--no-quality"}));
    EXPECT_FALSE(read_csv(out("cohort.csv")).find("quality").has_value());
}

TEST_F(IndexFolder, GoesOnWithWhatAnEarlierRunHasMeasured) {
    write_record(path("good"));
    write_record(path("other"));
    write_record(path("cut"));
    fs::resize_file(path("cut.dat"), 1001);
    expect_refusal(index({"--strict"}), {"in/cut"});
    const fs::path notes = out("cohort.csv.measured");
    EXPECT_TRUE(fs::exists(notes));
    const Outcome outcome = index();
    expect_done(outcome);
    expect_words(outcome.err, {"2 recordings were measured before"});
    EXPECT_EQ(records(), (Words{"good", "other"}));
    EXPECT_FALSE(fs::exists(notes));
    const auto quality = column("quality");
    expect_done(index());
    EXPECT_EQ(column("quality"), quality);
}

TEST_F(IndexFolder, LeavesOutRecordingsOfLowQualityOnRequest) {
    write_record(path("good"));
    write_record(path("noise"), {}, false);
    expect_done(index({"--lead", "I"}));
    const auto quality = column("quality");
    ASSERT_EQ(quality.size(), 2u);
    EXPECT_GT(std::stod(quality[0]), 0.9);
    EXPECT_LT(std::stod(quality[1]), std::stod(quality[0]));
    const Outcome outcome = index({"--lead", "V1", "--min-quality", "0.99"});
    expect_refusal(outcome, {"no recording is left", "--min-quality"});
    const std::string between = std::to_string((std::stod(quality[0]) + std::stod(quality[1])) / 2);
    expect_done(index({"--lead", "I", "--min-quality", between}));
    EXPECT_EQ(records(), Words{"good"});
    const CsvTable skipped = read_csv(out("skipped.csv"));
    ASSERT_EQ(skipped.rows.size(), 1u);
    expect_words(skipped.rows[0][skipped.require("reason")], {"below --min-quality"});
}

TEST_F(IndexFolder, FollowsLinksOnceAndEndsInLoops) {
    write_record(path("a/1"));
    fs::create_directory_symlink(path(""), path("a/up"));
    fs::create_directory_symlink(path("a"), path("again"));
    const fs::path elsewhere = folder_.path() / "elsewhere";
    write_record(elsewhere / "2");
    fs::create_directory_symlink(elsewhere, path("linked"));
    expect_done(index());
    EXPECT_EQ(records(), (Words{"a/1", "linked/2"}));
}

TEST_F(IndexFolder, SegmentsBelongToTheirRecord) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/multi-segment/fixed1/v102s.hea");
    const fs::path source = shared_folder() / "data/wfdb-formats/multi-segment/fixed1";
    fs::create_directories(path("").parent_path());
    fs::copy(source, path(""), fs::copy_options::recursive);
    expect_done(index({"--no-quality"}));
    EXPECT_EQ(records(), Words{"v102s"});
}

TEST_F(IndexFolder, CountsFormatsSamplesAndChecksums) {
    write_record(path("good"));
    write_record(path("changed"));
    std::string bytes = read_text_file(path("changed.dat"));
    bytes[6] = static_cast<char>(bytes[6] ^ 1);  // of V1
    write_file(path("changed.dat"), bytes);
    std::string csv = "time_s,I [mV]\n";
    for (int i = 0; i < 4000; ++i) csv += fmt::format("{:.3f},{}\n", i / 500.0, i % 7);
    write_file(path("x.csv"), csv);
    write_file(path("RECORDS"), "100\n101\n102\n");
    const Outcome outcome = index({"--json"});
    expect_done(outcome);
    const Json formats = Json::parse(outcome.out).at("formats");
    const Json wfdb = {{"recordings", 2},
                       {"samples", 6000},
                       {"checksum_ok", 1},
                       {"checksum_mismatch", 1},
                       {"checksum_none", 0}};
    EXPECT_EQ(formats.at("WFDB"), wfdb);
    EXPECT_EQ(formats.at("CSV").at("samples"), 4000);
    EXPECT_EQ(formats.at("CSV").at("checksum_none"), 1);
    EXPECT_EQ(column("checksum"), (Words{"mismatch: V1", "ok", ""}));
    EXPECT_EQ(column("samples"), (Words{"3000", "3000", "4000"}));
    const Outcome words = index();
    expect_words(words.out, {"checksum ok", "CSV", "WFDB"});
}

TEST_F(IndexFolder, AnEdfFileIsARecordingBesideAHeaderOfItsName) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/test_generator_2.edf");
    const fs::path source = shared_folder() / "data/wfdb-formats";
    fs::create_directories(path(""));
    for (const char* name : {"test_generator_2.edf", "100.atr", "100.hea", "100.dat"}) {
        fs::copy(source / name, path(name));
    }
    fs::copy(path("100.hea"), path("test_generator_2.hea"));
    expect_done(index({"--no-quality"}));
    EXPECT_EQ(records(), (Words{"100", "test_generator_2.edf", "test_generator_2"}));
}

TEST_F(IndexFolder, TheQualityOfADerivedLeadIsNotMeasured) {
    write_record(path("a"));
    expect_refusal(index({"--lead", "III"}), {"no lead III", "I, V1", "derived"});
}

TEST_F(IndexFolder, AnEmptyFolderSaysWhatIsRead) {
    fs::create_directories(path(""));
    expect_refusal(index(), {"in", "no recordings", "WFDB"});
    expect_refusal(run({"index", path("none").string(), "-o", out("c.csv").string()}),
                   {"no such folder"});
}

TEST(Index, WindowsAroundBeatsAreAsLongAsAsked) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.hea");
    const TemporaryFolder folder;
    const std::string output = (folder.path() / "beats.csv").string();
    const auto index = [&](const char* seconds) {
        return run({"index", (shared_folder() / "data/mitdb").string(), "--dataset", "mitdb-beat",
                    "--window-seconds", seconds, "-o", output});
    };
    expect_done(index("5"));
    const CsvTable table = read_csv(output);
    ASSERT_FALSE(table.rows.empty());
    EXPECT_EQ(table.rows[0][table.require("duration_s")], "5");
    expect_refusal(index("0"), {"--window-seconds"});
}

TEST(Index, AddsQualityToADataSetOnRequest) {
    CLEF_REQUIRE_SHARED("data/cinc2017/REFERENCE.csv");
    const TemporaryFolder folder;
    const std::string output = (folder.path() / "cohort.csv").string();
    const std::string root = (shared_folder() / "data/cinc2017").string();
    expect_done(run({"index", root, "--dataset", "cinc2017", "-o", output}));
    EXPECT_FALSE(read_csv(output).find("quality").has_value());
    expect_done(run({"index", root, "--dataset", "cinc2017", "--quality", "-o", output}));
    const CsvTable table = read_csv(output);
    std::vector<double> noise_values;
    std::vector<double> other_values;
    double noise = 0;
    double other = 0;
    std::size_t noisy = 0;
    for (const auto& row : table.rows) {
        const double quality = std::stod(row[table.require("quality")]);
        const bool is_noise = row[table.require("rhythm")] == "~";
        (is_noise ? noise : other) += quality;
        (is_noise ? noise_values : other_values).push_back(quality);
        noisy += is_noise ? 1 : 0;
    }
    // The chance that noise has the lower quality, equal ones counted half: by comparing all pairs.
    double lower = 0;
    for (const double a : noise_values) {
        for (const double b : other_values) lower += a < b ? 1 : a == b ? 0.5 : 0;
    }
    const double auroc = lower / static_cast<double>(noise_values.size() * other_values.size());
    EXPECT_NEAR(auroc, 0.933, 0.002);  // docs/formats.md
    ASSERT_EQ(noisy, 100u);
    EXPECT_LT(noise / 100, 0.6);
    EXPECT_GT(other / static_cast<double>(table.rows.size() - 100), 0.85);
}

}  // namespace

}  // namespace clef::testing
