#include "adapters.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

void write_tree(const fs::path& root) {
    write_file(root / "participants.tsv",
               "pid\tn_meas_inlab\tn_meas_ambulatory\taurora_size\tage\theight\tweight\tgender\t"
               "diabetes\n"
               "a000\t12\t\tM\t33.0\t68.0\t200.0\tM\t0\n"
               "a001\t12\t\tS\t52.0\t64.0\t150.0\tF\t1\n"
               "a002\t12\t\tS\t\t\t\t\t\n"
               "o000\t15\t41.0\tL\t33.0\t68.0\t200.0\tM\t0\n");
    write_file(root / "features.tsv",
               "pid\tphase\tmeasurement\tsbp\tdbp\tbaseline_sbp\tbaseline_dbp\n"
               "a000\tinitial\tStatic 1\t120\t80\t\t\n"
               "a000\tsynthetic\tCalibration\t111.5\t73.5\t111.5\t73.5\n"
               "a001\tsynthetic\tCalibration\t130\t85\t130.0\t85.0\n"
               "o000\tambulatory\tmeasurement 23\t\t\t135.5\t93.0\n");
    for (const char* pid : {"a000", "a001"}) {
        write_file(root / "measurements_auscultatory" / pid /
                       (std::string(pid) + ".initial.Calibration_start_1.tsv"),
                   "t\tekg\toptical\tpressure\taccel_x\taccel_y\taccel_z\n0\t6.5\t1\t2\t3\t4\t5\n");
    }
}

TEST(AuroraBp, TakesTheFirstCalibrationAndTheBaseline) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("aurora-bp", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    EXPECT_EQ(
        cohort.rows[0].record,
        (folder.path() / "measurements_auscultatory/a000/a000.initial.Calibration_start_1.tsv")
            .string());
    EXPECT_EQ(cells(cohort, 0,
                    {"patient_id", "age", "sex", "height_cm", "sbp_mmhg", "dbp_mmhg", "diabetes",
                     "leads"}),
              "a000|33|M|172.72|111.5|73.5|0|ekg");
    EXPECT_NEAR(cohort.rows[0].weight_kg.value(), 90.718474, 1e-6);
    EXPECT_EQ(cells(cohort, 2, {"patient_id", "age", "sex", "sbp_mmhg"}), "a002|||");
    EXPECT_EQ(result.missing_records, 1u);
    EXPECT_TRUE(testing::remarked(result, "1 participants of the oscillometric protocol"));
    EXPECT_TRUE(testing::remarked(result, "1 participants have no baseline"));
    const Targets targets = make_targets(cohort, testing::task("aurora-bp-dbp"));
    EXPECT_EQ(targets.known, (std::vector<char>{1, 1, 0}));
    EXPECT_EQ(make_targets(cohort, testing::task("aurora-bp-sbp")).values[1], 130);
}

TEST(AuroraBp, NamesAMissingColumn) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    write_file(folder.path() / "features.tsv", "pid\tsbp\na000\t1\n");
    EXPECT_NE(complaint([&] {
                  index("aurora-bp", folder.path());
              }).find("no column 'baseline_sbp', 'baseline_dbp'; Aurora-BP as published"),
              std::string::npos);
}

}  // namespace
}  // namespace clef
