#include "cohort/metadata.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {
namespace {

Cohort cohort_of(const std::string& text) {
    return parse_cohort(parse_csv(text, "c.csv"), ".");
}

std::string cells(const Cohort& cohort, std::size_t row, std::vector<std::string> columns) {
    for (std::string& column : columns) column = cohort.cell(cohort.rows[row], column);
    return join(columns, "|");
}

// The columns of the metadata that CLEF was released with.
const std::string released_header =
    "gender,age_at_ecg,anchor_age,BMI (kg/m2),Blood Pressure,Height (Inches),Weight (Lbs),"
    "heart_rate,heart_rate_var,rate_meta,score2_risk,path\n";

TEST(Metadata, TheReleasedTableOfMimicIvEcg) {
    Cohort cohort = cohort_of(
        "record\nmimic/files/p1000/p10000032/s1/1\nmimic/files/p1000/p10000032/s2/2\n"
        "mimic/files/p1001/p10010000/s3/3\n");
    const std::string table =
        released_header +
        "F,52.0,50,22.9,120/80,65,140,71,12.5,0.5,4.31,files/p1000/p10000032/s1/1\n"
        "M,70,70,,,,,80,,1,,files/p1001/p10010000/s3/3.hea\n"
        "M,70,70,,,,,80,,1,,files/p1001/p10010000/s4/4\n";
    const MetadataResult result = join_metadata(cohort, parse_csv(table, "m.csv"));
    EXPECT_EQ(result.key, MetadataKey::record);
    EXPECT_EQ(result.matched, 2u);
    EXPECT_EQ(result.unmatched, 1u);
    EXPECT_EQ(result.unused, 1u);
    EXPECT_EQ(cells(cohort, 0, {"sex", "age", "sbp_mmhg", "dbp_mmhg", "height_cm", "missing"}),
              "F|52|120|80|165.1|0.5");
    EXPECT_EQ(cells(cohort, 0, {"anchor_age", "BMI (kg/m2)", "heart_rate", "heart_rate_var"}),
              "50|22.9|71|12.5");
    EXPECT_EQ(cells(cohort, 0, {"risk", "score2_risk"}), "|4.31") << "its unit is never guessed";
    EXPECT_EQ(cells(cohort, 1, {"sex", "age", "heart_rate"}), "||");
    EXPECT_EQ(cells(cohort, 2, {"sex", "age", "sbp_mmhg", "heart_rate"}), "M|70||80");
    EXPECT_NEAR(cohort.rows[0].weight_kg.value_or(0), 63.502932, 1e-6);
    EXPECT_NE(result.remarks.back().find("score2_risk"), std::string::npos);
}

TEST(Metadata, RiskWithItsUnit) {
    for (const auto& [unit, expected] :
         {std::pair{RiskUnit::percent, "0.0431"}, {RiskUnit::fraction, "0.0431"}}) {
        Cohort cohort = cohort_of("record\na\n");
        const std::string cell = unit == RiskUnit::percent ? "4.31" : "0.0431";
        join_metadata(cohort, parse_csv("path,score2_risk\na," + cell + "\n", "m.csv"), {{}, unit});
        EXPECT_EQ(cells(cohort, 0, {"risk"}), expected);
    }
}

TEST(Metadata, OnThePatientForEachOfItsRecordings) {
    Cohort cohort = cohort_of("record,patient_id\na,7\nb,7\nc,8\n");
    const MetadataResult result =
        join_metadata(cohort, parse_csv("subject_id,smoker,ward\n7.0,1,A\n9,0,B\n", "m.csv"));
    EXPECT_EQ(result.key, MetadataKey::patient);
    EXPECT_EQ(result.matched, 2u);
    EXPECT_EQ(cells(cohort, 0, {"smoker", "ward"}), "1|A");
    EXPECT_EQ(cells(cohort, 1, {"smoker", "ward"}), "1|A");
    EXPECT_EQ(cells(cohort, 2, {"smoker", "ward"}), "|");
    EXPECT_NE(result.remarks[0].find("1 without a row"), std::string::npos) << result.remarks[0];
}

TEST(Metadata, GivesPatientsTheirNamesWhereTheCohortHasNone) {
    Cohort cohort = cohort_of("record\na\nb\n");
    join_metadata(cohort, parse_csv("record,patient_id\na,7\nb,7\n", "m.csv"));
    EXPECT_TRUE(cohort.has_patient_ids);
    EXPECT_EQ(cohort.rows[0].patient_id, "7");
    EXPECT_EQ(cohort.rows[1].patient_id, "7");
}

TEST(Metadata, AContradictionNamesTheColumnAndWhatIsEqualIsNone) {
    const auto joined = [](const std::string& table) {
        Cohort cohort = cohort_of("record,age,ward\na,60,A\nb,,\n");
        join_metadata(cohort, parse_csv(table, "m.csv"));
        return cells(cohort, 0, {"age", "ward"}) + " " + cells(cohort, 1, {"age", "ward"});
    };
    EXPECT_EQ(joined("record,age,ward\na,60.0,A\nb,50,B\n"), "60|A 50|B");
    testing::expect_input_error([&] { joined("record,age\na,61\n"); },
                                {"m.csv", "line 2", "'age'", "'60'", "'61'"});
    testing::expect_input_error([&] { joined("record,ward\na,B\n"); }, {"'ward'", "'A'", "'B'"});
    testing::expect_input_error([&] { joined("record,age,age_at_ecg\na,60,60\n"); },
                                {"'age'", "'age_at_ecg'"});
}

TEST(Metadata, DoubtfulKeysAreRefused) {
    const auto joined = [](const std::string& table, MetadataOptions options = {}) {
        Cohort cohort = cohort_of("record,patient_id\nx/a,1\ny/a,2\n");
        join_metadata(cohort, parse_csv(table, "m.csv"), options);
    };
    testing::expect_input_error([&] { joined("record,age\na,60\n"); },
                                {"line 2", "'a'", "x/a", "y/a"});
    testing::expect_input_error([&] { joined("record,age\nx/a,60\nx/a.hea,60\n"); },
                                {"lines 2 and 3"});
    testing::expect_input_error([&] { joined("patient_id,age\n1,60\n1,60\n"); },
                                {"lines 2 and 3", "'1'"});
    testing::expect_input_error([&] { joined("record,age\nq,60\n"); }, {"none", "'x/a'"});
    testing::expect_input_error([&] { joined("name,age\nq,60\n"); }, {"key", "name, age"});
    testing::expect_input_error(
        [&] {
            joined("record,age\nx/a,60\n", {MetadataKey::patient, {}});
        },
        {"subject_id"});
    // Part of a name is no folder's boundary.
    testing::expect_input_error([&] { joined("record,age\nother-x/a,60\n"); }, {"none"});
}

TEST(Metadata, UnreadableCellsAreLeftEmptyAndSaid) {
    Cohort cohort = cohort_of("record\na\nb\nc\n");
    const MetadataResult result = join_metadata(
        cohort,
        parse_csv("path,gender,Blood Pressure\na,F,120\nb,?,1/2\nc,male,130/85\n", "m.csv"));
    EXPECT_EQ(cells(cohort, 0, {"sex", "sbp_mmhg"}), "F|");
    EXPECT_EQ(cells(cohort, 1, {"sex", "sbp_mmhg", "dbp_mmhg"}), "||") << "1/2 is no pressure";
    EXPECT_EQ(cells(cohort, 2, {"sex", "sbp_mmhg", "dbp_mmhg"}), "M|130|85");
    ASSERT_EQ(result.remarks.size(), 4u);
    EXPECT_NE(result.remarks[1].find("'gender': 1 cell"), std::string::npos) << result.remarks[1];
    EXPECT_NE(result.remarks[2].find("2 cells"), std::string::npos) << result.remarks[2];
    EXPECT_NE(result.remarks[2].find("'120' in line 2"), std::string::npos);
}

}  // namespace
}  // namespace clef
