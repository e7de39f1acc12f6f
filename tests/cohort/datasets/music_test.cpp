#include "adapters.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

// As published: semicolons, decimal commas, names with two blanks and blanks at their ends.
constexpr const char* header =
    "Patient ID;Follow-up period from enrollment (days);days_4years;Exit of the study;Cause of "
    "death;Age;Gender (male=1);Weight (kg);Height (cm);Diastolic blood  pressure "
    "(mmHg);Systolic blood pressure (mmHg);Diabetes (yes=1);LVEF (%);Holter available;Holter  "
    "rhythm \r\n";

void write_tree(const fs::path& root, const std::string& more = "") {
    write_file(root / "subject-info.csv", std::string(header) +
                                              "P0001;2065;1460;;0;58;1;83;163;75;110;0;35;1;0\r\n"
                                              "P0002;1000;1000;3;3;71;0;58,5;150;70;120;1;;1;0\r\n"
                                              "P0003;500;500;3;7;80;1;;;;;;25,5;1;1\r\n"
                                              "P0004;400;400;2;0;60;1;80;170;70;115;0;20;1;0\r\n"
                                              "P0005;300;300;3;1;66;0;70;165;70;115;0;40;1;0\r\n"
                                              "P0006;300;300;3;3;66;0;70;165;70;115;0;40;0;\r\n" +
                                              more);
    write_file(root / "Holter_ECG/P0001.hea",
               testing::wfdb_header("P0001", 200, 17280000, {"X", "Y", "Z"}));
}

TEST(Music, ReadsOutcomesOfPatientsWithAHolter) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("music", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 5u);
    EXPECT_EQ(cohort.rows[0].record, (folder.path() / "Holter_ECG/P0001").string());
    EXPECT_EQ(cells(cohort, 0,
                    {"patient_id", "age", "sex", "weight_kg", "height_cm", "sbp_mmhg", "dbp_mmhg",
                     "diabetes", "lvef", "follow_up_days", "start_s", "duration_s"}),
              "P0001|58|M|83|163|110|75|0|35|2065|0|10");
    EXPECT_EQ(cells(cohort, 1, {"sex", "weight_kg", "diabetes", "outcome"}), "F|58.5|1|sudden");
    EXPECT_EQ(cells(cohort, 2, {"lvef", "outcome"}), "25.5|pump-failure");
    EXPECT_EQ(cells(cohort, 3, {"outcome"}), "");  // transplanted and alive
    EXPECT_EQ(make_targets(cohort, testing::task("music-outcome")).class_index,
              (std::vector<int>{0, 2, 3, -1, 1}));
    EXPECT_EQ(result.missing_records, 4u);
    EXPECT_TRUE(testing::remarked(result, "6 of the 992 patients published"));
    // The folder of the Holters itself will do.
    EXPECT_EQ(index("music", folder.path() / "Holter_ECG").cohort.rows.size(), 5u);
}

TEST(Music, RefusesAnUnknownCauseOfDeath) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path(), "P0007;1;1;3;5;66;0;70;165;70;115;0;40;1;0\r\n");
    EXPECT_EQ(complaint([&] { index("music", folder.path()); }),
              (folder.path() / "subject-info.csv").string() +
                  ": line 8: column 'Cause of death': found '5', expected 0 (survivor), 1 "
                  "(non-cardiac), 3 (sudden) or 6 and 7 (pump failure)");
    write_file(folder.path() / "subject-info.csv", "Patient ID,Age\nP0001,58\n");
    EXPECT_NE(complaint([&] { index("music", folder.path()); }).find("Found: Patient ID,Age"),
              std::string::npos);
}

}  // namespace
}  // namespace clef
