#include "adapters.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

TEST(Cpsc2018, NamesAndSnomedCodesMeanTheSame) {
    const testing::TemporaryFolder folder;
    const auto write = [&](const std::string& record, const std::string& dx) {
        write_file(folder.path() / (record + ".hea"),
                   testing::wfdb_header(fs::path(record).filename().string(), 500, 5000, {"I"},
                                        {" Age: 74", " Sex: Male", " Dx: " + dx, " Rx: Unknown"}));
    };
    write("g1/A0001", "59118001,164889003");
    write("g2/A0002", "RBBB, AF");
    write("g2/A0003", "164865005");
    const IndexResult result = index("cpsc2018", folder.path());
    ASSERT_EQ(result.cohort.rows.size(), 3u);
    EXPECT_EQ(cells(result.cohort, 0, {"patient_id", "age", "sex", "diagnosis"}),
              "A0001|74|M|AF;RBBB");
    EXPECT_EQ(cells(result.cohort, 1, {"diagnosis"}), "AF;RBBB");
    EXPECT_EQ(cells(result.cohort, 2, {"diagnosis"}), "164865005");
    write("g3/A0004", "RBB");
    EXPECT_EQ(complaint([&] { index("cpsc2018", folder.path()); }),
              (folder.path() / "g3/A0004.hea").string() +
                  ": comment Dx: 'RBB' is no diagnosis of CPSC 2018. Did you mean 'RBBB'?");
}

TEST(Cpsc2018, ReadsTheRealRecords) {
    CLEF_REQUIRE_SHARED("data/cpsc2018");
    const IndexResult result = index("cpsc2018", testing::shared_folder() / "data/cpsc2018");
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 60u);
    EXPECT_EQ(result.missing_records, 0u);
    // Counted with grep in the headers.
    EXPECT_EQ(testing::counts(cohort, "diagnosis"),
              (std::map<std::string, std::size_t>{{"AF", 8},
                                                  {"AF;RBBB", 2},
                                                  {"I-AVB", 2},
                                                  {"LBBB", 3},
                                                  {"Normal", 10},
                                                  {"PAC", 3},
                                                  {"PVC", 6},
                                                  {"RBBB", 11},
                                                  {"STD", 7},
                                                  {"STE", 8}}));
    EXPECT_EQ(testing::counts(cohort, "sex"),
              (std::map<std::string, std::size_t>{{"F", 35}, {"M", 25}}));
    EXPECT_EQ(make_targets(cohort, testing::task("cpsc2018-diagnosis")).known_rows(), 60u);
}

}  // namespace
}  // namespace clef
