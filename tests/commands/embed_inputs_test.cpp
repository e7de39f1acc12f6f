// What clef embed finds in folders, and the windows it leaves out for their quality.
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/random.hpp"
#include "commands/workshop.hpp"
#include "formats/ecg_file.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

using Json = nlohmann::json;

class EmbedInputs : public ::testing::Test {
  protected:
    fs::path in(const std::string& name) const { return folder_.path() / "in" / name; }
    fs::path out() const { return folder_.path() / "out.npy"; }

    Outcome embed(const Words& more) const {
        Words words = {"embed", in("").string(), "--model", Workshop::get().model().string(),
                       "-o",    out().string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    CsvTable rows() const { return read_csv(folder_.path() / "out.csv"); }

    // The distinct recordings, in their order, without the folder's own path.
    Words records() const {
        const CsvTable table = rows();
        Words names;
        for (const auto& row : table.rows) {
            const fs::path record = row[table.require("record")];
            const std::string name = record.lexically_relative(in("")).string();
            if (names.empty() || names.back() != name) names.push_back(name);
        }
        return names;
    }

    TemporaryFolder folder_;
};

void convert(const fs::path& from, const fs::path& to) {
    expect_done(run({"convert", from.string(), to.string(), "--leads", "I"}));
}

// 30 s of lead I: a patient's ten, ten of noise alone, and ten of a flat line.
fs::path write_three_windows(const fs::path& path) {
    Recording recording = read_ecg(Workshop::get().record(), {.leads = {"I"}});
    std::vector<float>& samples = recording.leads[0].samples;
    Random random(1, "three windows");
    for (int i = 0; i < 5000; ++i) samples.push_back(static_cast<float>(0.2 * random.normal()));
    samples.resize(15000, 0.1F);
    fs::create_directories(path.parent_path());
    write_wfdb(path, recording);
    return path;
}

}  // namespace

TEST_F(EmbedInputs, AFolderMayHoldRecordingsOfEveryFormat) {
    const fs::path record = Workshop::get().record();
    fs::create_directories(in("deeper"));
    convert(record, in("a.csv"));
    convert(record, in("b.edf"));
    convert(record, in("deeper/c"));
    write_file(in("notes.txt"), "not a recording\n");
    write_file(in("list.csv"), "record,age\nd,60\n");
    const Outcome outcome = embed({"--lead", "I", "--json"});
    expect_done(outcome);
    EXPECT_EQ(Json::parse(outcome.out).at("skipped"), 0);
    EXPECT_EQ(records(), (Words{"a.csv", "b.edf", "deeper/c"}));
    const NpyArray values = read_npy(out());
    ASSERT_EQ(values.shape, (std::vector<std::size_t>{3, 256}));
    for (std::size_t d = 0; d < 256; ++d) {
        EXPECT_NEAR(values.values[d], values.values[2 * 256 + d], 1e-3) << "of the same samples";
    }
    convert(record, in("e.npy"));
    expect_refusal(embed({"--lead", "I"}), {"e.npy", "--fs"});
    expect_done(embed({"--lead", "I", "--skip-bad"}));
    EXPECT_EQ(records(), (Words{"a.csv", "b.edf", "deeper/c"}));
    expect_done(embed({"--lead", "I", "--fs", "500", "--units", "mV", "--lead-names", "I"}));
    EXPECT_EQ(records(), (Words{"a.csv", "b.edf", "deeper/c", "e.npy"}));
}

TEST_F(EmbedInputs, SegmentsAreReadThroughTheirRecord) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/multi-segment/fixed1/v102s.hea");
    fs::create_directories(in("").parent_path().parent_path());
    fs::copy(shared_folder() / "data/wfdb-formats/multi-segment/fixed1", in(""),
             fs::copy_options::recursive);
    expect_done(embed({"--lead", "II", "--mean", "--skip-bad"}));
    EXPECT_EQ(records(), Words{"v102s"});
}

TEST_F(EmbedInputs, AFolderWithoutRecordingsSaysWhatIsRead) {
    fs::create_directories(in(""));
    write_file(in("notes.txt"), "not a recording\n");
    expect_refusal(embed({}), {"no recordings", "WFDB", "EDF", "CSV"});
}

TEST_F(EmbedInputs, EachRowSaysHowGoodItsWindowIs) {
    write_three_windows(in("x"));
    expect_done(embed({"--lead", "I"}));
    const CsvTable table = rows();
    ASSERT_EQ(table.rows.size(), 3u);
    const auto cell = [&](std::size_t row, const char* column) {
        return table.rows[row][table.require(column)];
    };
    EXPECT_EQ(cell(0, "flat"), "0");
    EXPECT_EQ(cell(0, "flat_fraction"), "0");
    EXPECT_EQ(cell(0, "missing"), "0");
    EXPECT_GT(std::stod(cell(0, "quality")), 0.9);
    EXPECT_LT(std::stod(cell(1, "quality")), 0.4);
    EXPECT_GT(std::stod(cell(1, "noise")), 0.5) << "white from 5 to 40 Hz";
    EXPECT_EQ(cell(2, "flat"), "1");
    EXPECT_EQ(cell(2, "flat_fraction"), "1");
    EXPECT_EQ(cell(2, "noise"), "") << "of nothing there is none";
    EXPECT_EQ(cell(2, "quality"), "0");
    // Other columns are those of `clef info --windows`.
    const Json info = Json::parse(run({"info", in("x").string(), "--json", "--windows"}).out);
    for (std::size_t w = 0; w < 3; ++w) {
        const Json& window = info.at("quality").at(0).at("windows").at(w);
        EXPECT_NEAR(std::stod(cell(w, "quality")), window.at("quality").get<double>(), 1e-4);
        EXPECT_NEAR(std::stod(cell(w, "saturated_fraction")), window.at("saturated").get<double>(),
                    1e-4);
    }
}

TEST_F(EmbedInputs, WindowsOfLowQualityAreLeftOutOnRequest) {
    write_three_windows(in("x"));
    expect_done(embed({"--lead", "I"}));
    const std::vector<float> all = read_npy(out()).values;
    const Outcome outcome = embed({"--lead", "I", "--min-quality", "0.66", "--json"});
    expect_done(outcome);
    EXPECT_EQ(Json::parse(outcome.out).at("windows_below_min_quality"), 2);
    expect_words(outcome.err, {"2 windows of a quality below 0.66"});
    const CsvTable table = rows();
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_EQ(table.rows[0][table.require("start_s")], "0");
    EXPECT_EQ(read_npy(out()).values, std::vector<float>(all.begin(), all.begin() + 256));

    // A recording without any is listed, beside one that has some.
    Recording flat = read_ecg(Workshop::get().record(), {.leads = {"I"}});
    flat.leads[0].samples.assign(5000, 0.1F);
    write_wfdb(in("flat"), flat);
    const Outcome two = embed({"--lead", "I", "--min-quality", "0.66", "--json"});
    expect_done(two);
    EXPECT_EQ(Json::parse(two.out).at("skipped"), 1);
    const CsvTable skipped = read_csv(folder_.path() / "skipped.csv");
    expect_words(skipped.rows[0][skipped.require("reason")],
                 {"flat", "0.66", "the best has 0.000"});
    expect_refusal(embed({"--min-quality", "1.1"}), {"--min-quality"});
}

}  // namespace clef::testing
