#include "adapters.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::index;
using Counts = std::map<std::string, std::size_t>;

void write_record(const fs::path& root, const std::string& record) {
    write_file(root / (record + ".hea"), testing::wfdb_header(record, 360, 360 * 60, {"MLII", "V1"},
                                                              {" 68 M 1629 1080 x1", " Digoxin"}));
    std::vector<Annotation> annotations;
    double seconds = 4;
    for (const char* symbol : {"N", "+", "N", "A", "V", "E", "F", "/", "~", "L", "j", "|", "Q"}) {
        Annotation one;
        one.sample = static_cast<std::int64_t>(seconds++ * 360);
        one.symbol = symbol;
        annotations.push_back(one);
    }
    write_file(root / (record + ".atr"),
               encode_wfdb_annotations(from_annotations(annotations, record), record));
}

TEST(Mitdb, SplitsBetweenPatientsAsDeChazalDid) {
    const testing::TemporaryFolder folder;
    for (const char* record : {"100", "101", "102", "114", "201", "202", "217", "223"}) {
        write_record(folder.path(), record);
    }
    write_record(folder.path() / "x_mitdb", "x_108");  // published beside them, no record
    const IndexResult result = index("mitdb", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 8u);
    const std::vector<std::string> columns = {"patient_id", "age", "sex", "ds", "split"};
    EXPECT_EQ(cells(cohort, 0, columns), "100|68|M|DS2|test");
    EXPECT_EQ(cells(cohort, 1, columns), "101|68|M|DS1|train");
    EXPECT_EQ(cells(cohort, 2, columns), "102|68|M|paced|");
    EXPECT_EQ(cells(cohort, 3, columns), "114|68|M|DS1|val");
    // One subject; in DS1 and DS2.
    EXPECT_EQ(cells(cohort, 4, columns), "201|68|M|DS1|");
    EXPECT_EQ(cells(cohort, 5, columns), "201|68|M|DS2|test");
    EXPECT_TRUE(testing::remarked(result, "201 has no split"));
    refuse_leaks(cohort);
}

TEST(Mitdb, BeatsBecomeWindowsWithTheirAamiClass) {
    const testing::TemporaryFolder folder;
    write_record(folder.path(), "100");
    const IndexResult result = index("mitdb-beat", folder.path());
    std::string beats, symbols;
    for (const CohortRow& row : result.cohort.rows) {
        beats += result.cohort.cell(row, "beat");
        symbols += result.cohort.cell(row, "symbol");
    }
    EXPECT_EQ(symbols, "NAVEF/LjQ");  // the beat at 4 s is too near the start
    EXPECT_EQ(beats, "NSVVFQNNQ");
    EXPECT_EQ(cells(result.cohort, 0, {"start_s", "duration_s", "split"}), "1|10|test");
    EXPECT_TRUE(testing::remarked(result, "1 beats nearer than that"));
    EXPECT_EQ(make_targets(result.cohort, testing::task("mitdb-beat")).class_index,
              (std::vector<int>{0, 1, 2, 2, 3, -1, 0, 0, -1}));
}

TEST(Mitdb, CountsTheRealBeatsAsWfdbPythonDoes) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const IndexResult result = index("mitdb-beat", testing::shared_folder() / "data/mitdb");
    std::map<std::string, Counts> beats;
    for (const CohortRow& row : result.cohort.rows) {
        ++beats[row.patient_id][result.cohort.cell(row, "beat")];
    }
    // wfdb 4 (Python): rdann(record, "atr"), windows of 3600 samples within 0 to 650000.
    const std::map<std::string, Counts> expected = {
        {"100", {{"N", 2225}, {"S", 33}, {"V", 1}}},
        {"101", {{"N", 1849}, {"Q", 2}, {"S", 3}}},
        {"114", {{"N", 1810}, {"V", 43}, {"S", 12}, {"F", 4}}},
        {"119", {{"N", 1534}, {"V", 443}}},
        {"200", {{"N", 1733}, {"V", 822}, {"S", 30}, {"F", 2}}},
        {"207", {{"V", 208}, {"N", 1540}, {"S", 98}}}};
    EXPECT_EQ(beats, expected);
    EXPECT_TRUE(testing::remarked(result, "73 beats nearer than that"));
    EXPECT_TRUE(testing::remarked(result, "6 of the 48 records published"));
    refuse_leaks(result.cohort);
}

}  // namespace
}  // namespace clef
