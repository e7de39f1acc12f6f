#include "cohort/cholesterol.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Cohort cohort_of(const std::string& text) {
    return parse_cohort(parse_csv(text, "c.csv"), ".");
}

TEST(Cholesterol, ColumnsNamedInMgPerDlAreConverted) {
    Cohort cohort = cohort_of("record,total_cholesterol_mg_dl,hdl_mg_dl\na,193.35,38.67\nb,,\n");
    EXPECT_EQ(read_cholesterol(cohort), 2u);
    EXPECT_NEAR(cohort.rows[0].factors.total_cholesterol_mmol_l.value_or(0), 5, 1e-12);
    EXPECT_NEAR(cohort.rows[0].factors.hdl_mmol_l.value_or(0), 1, 1e-12);
    EXPECT_FALSE(cohort.rows[1].factors.hdl_mmol_l);
    EXPECT_EQ(cohort.cell(cohort.rows[0], "hdl_mg_dl"), "38.67") << "the column stays";
}

TEST(Cholesterol, AColumnWithoutAUnitIsReadOnlyWithOneAndNeverGuessed) {
    const std::string text = "record,total_cholesterol,hdl\na,200,50\n";
    Cohort cohort = cohort_of(text);
    EXPECT_EQ(read_cholesterol(cohort), 0u);
    EXPECT_FALSE(cohort.rows[0].factors.total_cholesterol_mmol_l);
    EXPECT_EQ(read_cholesterol(cohort, parse_cholesterol_unit("mg/dL")), 2u);
    EXPECT_NEAR(*cohort.rows[0].factors.total_cholesterol_mmol_l, 200 / 38.67, 1e-12);
    Cohort named = cohort_of("record,hdl_mg_dl\na,50\n");
    testing::expect_input_error(
        [&] { read_cholesterol(named, CholesterolUnit::millimoles_per_litre); },
        {"c.csv", "'hdl'", "leave the option out"});
}

TEST(Cholesterol, ImpossibleValuesAreNotedAndContradictionsRefused) {
    Cohort wrong = cohort_of("record,total_cholesterol_mg_dl\na,5.2\n");
    read_cholesterol(wrong);
    ASSERT_EQ(wrong.rows[0].impossible.size(), 1u);
    EXPECT_EQ(wrong.rows[0].impossible[0].first, Attribute::total_cholesterol);
    EXPECT_NE(wrong.rows[0].impossible[0].second.find("5.2 mg/dL"), std::string::npos);
    EXPECT_FALSE(wrong.rows[0].factors.total_cholesterol_mmol_l);

    Cohort twice = cohort_of("record,hdl_mmol_l,hdl_mg_dl\na,1.3,50.3\nb,1.3,60\n");
    testing::expect_input_error([&] { read_cholesterol(twice); },
                                {"c.csv", "line 3", "'hdl_mg_dl'", "1.55", "1.30"});
    Cohort text = cohort_of("record,hdl_mg_dl\na,high\n");
    testing::expect_input_error([&] { read_cholesterol(text); },
                                {"line 2", "'hdl_mg_dl'", "'high'"});
}

TEST(ReadFactors, NotesWhatCannotBeWhereReadCohortRefuses) {
    const testing::TemporaryFolder folder;
    const std::filesystem::path table = folder.path() / "c.csv";
    write_file(table,
               "record,age,sex,sbp_mmhg,total_cholesterol_mmol_l\n"
               "a,60,F,12,5\nb,60,unknown,140,250\nc,60,F,140,5\n");
    testing::expect_input_error([&] { read_cohort(table); }, {"line 2", "'sbp_mmhg'", "'12'"});
    const Cohort cohort = read_factors(table);
    ASSERT_EQ(cohort.rows[0].impossible.size(), 1u);
    EXPECT_NE(cohort.rows[0].impossible[0].second.find("12 mmHg is impossible"), std::string::npos);
    ASSERT_EQ(cohort.rows[1].impossible.size(), 2u);
    EXPECT_EQ(cohort.rows[1].impossible[0].second, "sex 'unknown' is neither M nor F");
    EXPECT_NE(cohort.rows[1].impossible[1].second.find("250 mg/dL would be"), std::string::npos);
    EXPECT_TRUE(cohort.rows[2].impossible.empty());
    write_file(table, "record,smoker\na,maybe\n");
    testing::expect_input_error([&] { read_factors(table); }, {"line 2", "'smoker'", "'maybe'"});
}

}  // namespace
}  // namespace clef
