#include "adapters.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

void write_record(const fs::path& root, const std::string& id) {
    const fs::path folder = root / "waveforms" / id.substr(id.size() - 3) / id / "II";
    write_file(folder / (id + "_1.hea"), testing::wfdb_header(id + "_1", 500, 5000, {"II"}));
}

void write_tree(const fs::path& root) {
    write_file(root / "visits.csv",
               "MRN,CSN,Age,Gender,Race,Triage_SBP,Triage_DBP,Triage_acuity,ED_dispo,DC_dispo\n"
               "99000001,98000101,67,F,White,142.0,80.0,3-Urgent,Discharge,Home/Work (includes "
               "foster care)\n"
               "99000001,98000201,68,F,White,0.0,,2-Emergent,Inpatient,Skilled Nursing Facility\n"
               "99000002,98000301,40,M,Asian,118.0,70.0,NaN,ICU,Expired\n"
               "99000003,98000401,30,M,Other,120.0,75.0,4-Semi-Urgent,Observation,Jail\n");
    for (const char* id : {"98000101", "98000201", "98000301"}) write_record(root, id);
    write_file(root / "split_chrono_train.csv", "98000101\n98000301\n98000401\n");
    write_file(root / "split_chrono_val.csv", "");
    write_file(root / "split_chrono_test.csv", "98000201\n");
}

TEST(McMed, ListsVisitsWithLeadII) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("mc-med", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    EXPECT_EQ(cohort.rows[0].record,
              (folder.path() / "waveforms/101/98000101/II/98000101_1").string());
    const std::vector<std::string> who = {"patient_id", "csn",      "age",
                                          "sex",        "sbp_mmhg", "dbp_mmhg"};
    EXPECT_EQ(cells(cohort, 0, who), "99000001|98000101|67|F|142|80");
    EXPECT_EQ(cells(cohort, 1, who), "99000001|98000201|68|F||");
    EXPECT_TRUE(testing::remarked(result, "3 of 4 visits have a lead II"));
    EXPECT_TRUE(testing::remarked(result, "1 ages and blood pressures are impossible"));
}

TEST(McMed, NoPatientLiesOnTwoSides) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("mc-med", folder.path());
    EXPECT_EQ(cells(result.cohort, 0, {"split"}), "");  // the same patient is in the test
    EXPECT_EQ(cells(result.cohort, 1, {"split"}), "test");
    EXPECT_EQ(cells(result.cohort, 2, {"split"}), "train");
    EXPECT_TRUE(testing::remarked(result, "1 visits of patients who are in a later part too"));
    refuse_leaks(result.cohort);
}

TEST(McMed, TasksGroupDispositionsByTheirTexts) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const Cohort cohort = index("mc-med", folder.path()).cohort;
    const auto classes = [&](const std::string& name) {
        return make_targets(cohort, testing::task(name)).class_index;
    };
    EXPECT_EQ(classes("mc-med-ed-disposition"), (std::vector<int>{0, 1, 3}));
    EXPECT_EQ(classes("mc-med-discharge"), (std::vector<int>{0, 1, 3}));
    EXPECT_EQ(classes("mc-med-acuity"), (std::vector<int>{2, 1, -1}));
    EXPECT_EQ(make_targets(cohort, testing::task("mc-med-sbp")).values[0], 142);
    EXPECT_EQ(make_targets(cohort, testing::task("mc-med-dbp")).values[0], 80);
}

TEST(McMed, ErrorsNameFileColumnAndSource) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const std::string source = "(PhysioNet, mc-med 1.0.1)";
    const auto said = [&] { return complaint([&] { index("mc-med", folder.path()); }); };
    write_file(folder.path() / "split_chrono_val.csv", "98000101\n");
    EXPECT_EQ(said(), (folder.path() / "split_chrono_val.csv").string() +
                          ": line 1: visit 98000101 is in split_chrono_train.csv too");
    fs::remove(folder.path() / "split_chrono_val.csv");
    EXPECT_EQ(said(), folder.path().string() +
                          ": no file split_chrono_val.csv; expected the "
                          "folder of MC-MED as published " +
                          source);
    write_file(folder.path() / "visits.csv", "CSN,Triage_SBP\n1,120\n");
    EXPECT_EQ(said(), (folder.path() / "visits.csv").string() +
                          ": no column 'Triage_DBP', 'Triage_acuity', 'ED_dispo', 'DC_dispo'; "
                          "MC-MED as published " +
                          source +
                          " has Triage_SBP, Triage_DBP, Triage_acuity, ED_dispo, DC_dispo. Found: "
                          "CSN, Triage_SBP");
}

}  // namespace
}  // namespace clef
