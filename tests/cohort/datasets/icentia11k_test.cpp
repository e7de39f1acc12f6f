#include "adapters.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

constexpr int rate = 250;

Annotation at(double seconds, const std::string& symbol, const std::string& text = "") {
    Annotation annotation;
    annotation.sample = static_cast<std::int64_t>(seconds * rate);
    annotation.seconds = seconds;
    annotation.symbol = symbol;
    annotation.text = text;
    return annotation;
}

// A segment of 60 s of p00/p00000/p00000_s00.
void write_segment(const fs::path& root, const std::string& patient, const std::string& segment,
                   const std::vector<Annotation>& annotations) {
    const fs::path folder = root / patient.substr(0, 3) / patient;
    const std::string name = patient + "_" + segment;
    write_file(folder / (name + ".hea"), testing::wfdb_header(name, rate, 60 * rate, {"ECG"}));
    write_file(folder / (name + ".dat"), "");
    write_file(folder / (name + ".atr"),
               encode_wfdb_annotations(from_annotations(annotations, name), name));
}

void write_tree(const fs::path& root) {
    // The only V is too near the start for a window; one S; no window of Q.
    write_segment(root, "p00000", "s00",
                  {at(0, "+", "(N"), at(2, "V"), at(20, "N"), at(21, "S"), at(22, "Q")});
    write_segment(
        root, "p00000", "s01",
        {at(0, "+", "(AFIB"), at(8, "+", ")"), at(20, "+", "(AFL"), at(30, "V"), at(40, "N")});
    write_segment(root, "p10999", "s00", {at(30, "N"), at(31, "N"), at(57, "N")});
    write_file(root / "RECORDS", "p00/p00000/\np10/p10999/\n");
}

TEST(Icentia11k, ListsSegmentsByPatient) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("icentia11k", folder.path());
    ASSERT_EQ(result.cohort.rows.size(), 3u);
    EXPECT_EQ(result.cohort.rows[1].record, (folder.path() / "p00/p00000/p00000_s01").string());
    EXPECT_EQ(result.cohort.rows[1].patient_id, "p00000");
    EXPECT_EQ(result.cohort.rows[0].split, result.cohort.rows[1].split);
    EXPECT_TRUE(testing::remarked(result, "2 of the 11000 patients published"));
    // One of the folders of patients alone will do.
    EXPECT_EQ(index("icentia11k", folder.path() / "p10").cohort.rows.size(), 1u);
}

TEST(Icentia11k, CentresWindowsOnBeatsOnePerPatientAndClass) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const Cohort cohort = index("icentia11k-beat", folder.path()).cohort;
    const std::vector<std::string> columns = {"patient_id", "beat", "start_s", "duration_s"};
    ASSERT_EQ(cohort.rows.size(), 4u);
    EXPECT_EQ(cells(cohort, 0, columns), "p00000|N|15|10");
    EXPECT_EQ(cells(cohort, 1, columns), "p00000|S|16|10");
    EXPECT_EQ(cells(cohort, 2, columns), "p00000|V|25|10");
    EXPECT_TRUE(cohort.rows[2].record.ends_with("p00000_s01"));
    // One of the two that fit; the beat at 57 s does not.
    const double start = cohort.rows[3].start_s.value();
    EXPECT_TRUE(start == 25 || start == 26) << start;
    EXPECT_EQ(make_targets(cohort, testing::task("icentia11k-beat")).class_index,
              (std::vector<int>{0, 1, 2, 0}));
}

TEST(Icentia11k, RhythmWindowsLieWithinTheirRhythm) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const Cohort cohort = index("icentia11k-rhythm", folder.path()).cohort;
    const std::vector<std::string> columns = {"patient_id", "rhythm", "start_s", "duration_s"};
    // Fibrillation lasts 8 s: no window of 10 s.
    ASSERT_EQ(cohort.rows.size(), 2u);
    EXPECT_EQ(cells(cohort, 0, columns), "p00000|AFL|20|10");
    EXPECT_EQ(cells(cohort, 1, columns), "p00000|N|0|10");
    IndexOptions shorter;
    shorter.window_seconds = 4;
    const Cohort more = index("icentia11k-rhythm", folder.path(), shorter).cohort;
    ASSERT_EQ(more.rows.size(), 3u);
    EXPECT_EQ(cells(more, 0, columns), "p00000|AFIB|0|4");
    EXPECT_EQ(make_targets(more, testing::task("icentia11k-rhythm")).class_index,
              (std::vector<int>{1, 2, 0}));
}

TEST(Icentia11k, IsTheSameForAnyNumberOfThreadsAndSaysWhatItCouldNotRead) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    write_file(folder.path() / "p00/p00001/p00001_s00.hea",
               testing::wfdb_header("p00001_s00", rate, 60 * rate, {"ECG"}));
    write_file(folder.path() / "p00/p00002/p00002_s00.hea", "");
    write_file(folder.path() / "p00/p00002/p00002_s00.atr", std::string("\x01\x04\x00\x00", 4));
    IndexOptions one;
    one.threads = 1;
    const IndexResult result = index("icentia11k-beat", folder.path(), one);
    const IndexResult again = index("icentia11k-beat", folder.path());
    ASSERT_EQ(result.cohort.rows.size(), again.cohort.rows.size());
    for (std::size_t i = 0; i < result.cohort.rows.size(); ++i) {
        EXPECT_EQ(result.cohort.rows[i].start_s, again.cohort.rows[i].start_s);
    }
    EXPECT_TRUE(testing::remarked(result, "1 segments have no annotations"));
    EXPECT_TRUE(testing::remarked(result, "1 segments could not be read, the first: "));
    EXPECT_TRUE(testing::remarked(result, "p00002_s00.hea"));
}

TEST(Icentia11k, RefusesAnotherFolder) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(complaint([&] { index("icentia11k", folder.path()); }),
              folder.path().string() +
                  ": no patients such as p00/p00000 in it; expected Icentia11k as published "
                  "(PhysioNet, icentia11k-continuous-ecg 1.0)");
}

}  // namespace
}  // namespace clef
