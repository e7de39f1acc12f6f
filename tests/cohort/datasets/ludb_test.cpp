#include "adapters.hpp"

namespace clef {
namespace {

using testing::cells;
using testing::index;

constexpr const char* header =
    "ID,Sex,Age,Rhythms,Electric axis of the heart,Conduction abnormalities,Extrasystolies,"
    "Hypertrophies,Cardiac pacing,Ischemia,Non-specific repolarization abnormalities,Other "
    "states\n";

// As published: cells over several lines, one statement in each.
TEST(Ludb, ReadsStatementsOverSeveralLines) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "ludb.csv",
               std::string(header) +
                   "1,\"F\n\",\"51\n\",Sinus bradycardia,Electric axis of the heart: left axis "
                   "deviation,,,\"Left ventricular overload\nLeft ventricular hypertrophy\",,,,\n"
                   "2,\"M\n\",\">89\n\",Sinus rhythm.,,,,,,\"Ischemia: inferior wall\n\",,\n");
    write_file(folder.path() / "data/1.hea", "");
    const IndexResult result = index("ludb", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 2u);
    EXPECT_EQ(cohort.rows[0].record, (folder.path() / "data/1").string());
    EXPECT_EQ(cells(cohort, 0, {"patient_id", "age", "sex", "rhythm", "axis", "hypertrophies"}),
              "1|51|F|Sinus bradycardia|left axis deviation|Left ventricular overload;Left "
              "ventricular hypertrophy");
    EXPECT_EQ(cells(cohort, 1, {"age", "sex", "rhythm", "ischemia"}),
              "90|M|Sinus rhythm|Ischemia: inferior wall");
    EXPECT_TRUE(testing::remarked(result, "1 ages are given as over 89"));
    EXPECT_EQ(result.missing_records, 1u);
}

TEST(Ludb, ReadsTheRealTable) {
    CLEF_REQUIRE_SHARED("data/ludb/ludb.csv");
    const IndexResult result = index("ludb", testing::shared_folder() / "data/ludb");
    ASSERT_EQ(result.cohort.rows.size(), 200u);
    EXPECT_EQ(result.missing_records, 180u);  // the excerpt holds 20
    const auto rhythms = testing::counts(result.cohort, "rhythm");
    std::size_t fibrillation = 0;
    for (const auto& [rhythm, count] : rhythms) {
        if (rhythm.find("Atrial fibrillation") != std::string::npos) fibrillation += count;
    }
    EXPECT_EQ(fibrillation, 15u);  // Kalyakulina et al. 2020, table 2
    IndexOptions skip;
    skip.skip_missing = true;
    EXPECT_EQ(index("ludb", testing::shared_folder() / "data/ludb", skip).cohort.rows.size(), 20u);
}

}  // namespace
}  // namespace clef
