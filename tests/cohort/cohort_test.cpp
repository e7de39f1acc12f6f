#include "cohort/cohort.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Cohort parse(const std::string& text) {
    return parse_cohort(parse_csv(text, "c.csv"), "data");
}

// The message of the InputError that reading this table ends in.
std::string complaint(const std::string& text) {
    try {
        parse(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string cell_complaint(const std::string& column, const std::string& cell) {
    return complaint("record," + column + "\na,\nb," + cell + "\n");
}

TEST(Cohort, ReadsEveryReservedColumn) {
    const Cohort cohort = parse(
        "record,patient_id,age,sex,height_cm,weight_kg,sbp_mmhg,dbp_mmhg,"
        "total_cholesterol_mmol_l,hdl_mmol_l,smoker,diabetes,risk,missing,split,start_s,duration_s,"
        "leads,my label\n"
        "r/1,p7,61.5,F,164,70.5,141,88,6.2,1.3,1,0,0.05,0.25,val,30,10,I  aVR,\"a, b\"\n");
    ASSERT_EQ(cohort.rows.size(), 1u);
    const CohortRow& row = cohort.rows[0];
    EXPECT_EQ(row.record, "r/1");
    EXPECT_EQ(row.patient_id, "p7");
    EXPECT_EQ(row.factors.age, 61.5);
    EXPECT_EQ(row.factors.sex, Sex::female);
    EXPECT_EQ(row.height_cm, 164);
    EXPECT_EQ(row.weight_kg, 70.5);
    EXPECT_EQ(row.factors.sbp_mmhg, 141);
    EXPECT_EQ(row.dbp_mmhg, 88);
    EXPECT_EQ(row.factors.total_cholesterol_mmol_l, 6.2);
    EXPECT_EQ(row.factors.hdl_mmol_l, 1.3);
    EXPECT_EQ(row.factors.smoker, true);
    EXPECT_EQ(row.factors.diabetes, false);
    EXPECT_EQ(row.risk, 0.05);
    EXPECT_EQ(row.missing, 0.25);
    EXPECT_EQ(row.split, "val");
    EXPECT_EQ(row.start_s, 30);
    EXPECT_EQ(row.duration_s, 10);
    EXPECT_EQ(row.leads, (std::vector<std::string>{"I", "aVR"}));
    EXPECT_EQ(row.line, 2u);
    EXPECT_EQ(cohort.cell(row, "my label"), "a, b");
    EXPECT_EQ(cohort.cell(row, "sex"), "F");
    EXPECT_EQ(cohort.cell(row, "smoker"), "1");
    EXPECT_EQ(cohort.path_of(row), std::filesystem::path("data/r/1"));
}

TEST(Cohort, EmptyCellsAreMissing) {
    const Cohort cohort = parse("record,age,sex,smoker,risk,split,leads,label\na,, ,,,,,\n");
    const CohortRow& row = cohort.rows.at(0);
    EXPECT_FALSE(row.factors.age || row.factors.sex || row.factors.smoker || row.risk);
    EXPECT_TRUE(row.split.empty() && row.leads.empty());
    for (const char* column : {"age", "sex", "smoker", "risk", "split", "leads", "label"}) {
        EXPECT_EQ(cohort.cell(row, column), "") << column;
    }
}

TEST(Cohort, RefusesWhatACellCannotMean) {
    const std::string advice = "; leave the cell empty if it is not known";
    EXPECT_EQ(
        cell_complaint("age", "seventy"),
        "c.csv: line 3: column 'age': found 'seventy', expected a number from 0 to 130 years" +
            advice);
    EXPECT_EQ(cell_complaint("sex", "X"),
              "c.csv: line 3: column 'sex': found 'X', expected M or F" + advice);
    EXPECT_EQ(cell_complaint("smoker", "maybe"),
              "c.csv: line 3: column 'smoker': found 'maybe', expected 1 (yes) or 0 (no)" + advice);
    EXPECT_EQ(
        cell_complaint("risk", "12"),
        "c.csv: line 3: column 'risk': found '12', expected a number from 0 to 1 (10 % is 0.1)" +
            advice);
    EXPECT_EQ(
        cell_complaint("split", "training"),
        "c.csv: line 3: column 'split': found 'training', expected train, val or test" + advice);
    EXPECT_EQ(
        cell_complaint("total_cholesterol_mmol_l", "210"),
        "c.csv: line 3: column 'total_cholesterol_mmol_l': found '210', expected a number from "
        "0.1 to 50 mmol/L (mg/dL divided by 38.67)" +
            advice);
    for (const char* cell : {"nan", "inf", "NA", "-1", "131", "7o", "1e999"}) {
        EXPECT_NE(cell_complaint("age", cell), "no error") << cell;
    }
    for (const char* column : {"height_cm", "weight_kg", "sbp_mmhg", "dbp_mmhg", "hdl_mmol_l",
                               "diabetes", "missing", "start_s", "duration_s"}) {
        EXPECT_NE(cell_complaint(column, "-5").find("column '" + std::string(column) + "'"),
                  std::string::npos)
            << column;
    }
}

TEST(Cohort, LeavesOutAndListsRowsItCannotReadOnRequest) {
    const CsvTable table = parse_csv("record,age\na,50\nb,seventy\nc,\n", "c.csv");
    const Cohort cohort = parse_cohort(table, "data", true);
    ASSERT_EQ(cohort.rows.size(), 2u);
    EXPECT_EQ(cohort.rows[1].record, "c");
    ASSERT_EQ(cohort.skipped.size(), 1u);
    EXPECT_EQ(cohort.skipped[0].first, "b");
    EXPECT_NE(cohort.skipped[0].second.find("line 3: column 'age': found 'seventy'"),
              std::string::npos);
}

TEST(Cohort, NeedsARecordInEveryRow) {
    EXPECT_EQ(complaint("recrod,age\na,1\n"),
              "c.csv: no column 'record' with the recordings' paths; found: recrod, age");
    EXPECT_EQ(complaint("record,age\na,1\n,2\n"),
              "c.csv: line 3: column 'record' is empty; expected the path of a recording");
}

TEST(Cohort, EachRecordIsItsOwnPatientWithoutPatientId) {
    ::testing::internal::CaptureStderr();
    const Cohort cohort = parse("record\na\nb\n");
    EXPECT_NE(::testing::internal::GetCapturedStderr().find(
                  "no column 'patient_id': each record is taken as its own patient"),
              std::string::npos);
    EXPECT_FALSE(cohort.has_patient_ids);
    EXPECT_EQ(cohort.rows[1].patient_id, "b");
}

TEST(Cohort, WarnsOfColumnsThatAreNearlyReserved) {
    ::testing::internal::CaptureStderr();
    const Cohort cohort = parse("record,patient_id,sbp,Age,gender,diagnosis\na,p,130,50,M,X\n");
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("column 'sbp' is kept as a label; if it is meant as 'sbp_mmhg'"),
              std::string::npos);
    EXPECT_NE(said.find("if it is meant as 'age'"), std::string::npos);
    EXPECT_NE(said.find("if it is meant as 'sex'"), std::string::npos);
    EXPECT_EQ(said.find("diagnosis"), std::string::npos);
    EXPECT_EQ(cohort.extra_columns,
              (std::vector<std::string>{"sbp", "Age", "gender", "diagnosis"}));
    EXPECT_FALSE(cohort.rows[0].factors.sbp_mmhg);
}

TEST(Cohort, UnknownLabelColumnSuggestsTheNearest) {
    const Cohort cohort = parse("record,patient_id,rhythm\na,p,N\n");
    EXPECT_EQ(cohort.label_column("rhythm"), 0u);
    try {
        cohort.label_column("rythm");
        FAIL();
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(), "c.csv: no label column 'rythm'. Did you mean 'rhythm'?");
    }
}

TEST(Cohort, WrittenAndReadAgainIsTheSame) {
    const testing::TemporaryFolder folder;
    const std::string text =
        "record,patient_id,age,sex,smoker,risk,split,leads,label\n"
        "r/1,p1,61.5,F,1,0.1,train,I II,\"x,\"\"y\"\"\"\n"
        "/abs/2,p2,,,,0.3333333333333333,,,\n";
    Cohort cohort = parse(text);
    cohort.folder = folder.path();
    write_cohort(cohort, folder.path() / "c.csv");
    EXPECT_EQ(read_text_file(folder.path() / "c.csv"), text);
}

TEST(Cohort, WritingElsewhereKeepsRecordsFindable) {
    const testing::TemporaryFolder folder;
    Cohort cohort = parse("record\nr/1\n/abs/2\n");
    cohort.folder = folder.path() / "data";
    write_cohort(cohort, folder.path() / "tables" / "c.csv");
    EXPECT_EQ(read_text_file(folder.path() / "tables" / "c.csv"), "record\n../data/r/1\n/abs/2\n");
}

TEST(Cohort, RefusesAPatientOnBothSidesOfASplit) {
    refuse_leaks(parse("record,patient_id,split\na,p1,train\nb,p1,train\nc,p2,test\nd,p1,\n"));
    try {
        refuse_leaks(parse("record,patient_id,split\na,p1,train\nb,p2,val\nc,p1,test\n"));
        FAIL();
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(),
                     "c.csv: column 'split': 1 patient in more than one split: p1 in test (line 4) "
                     "and train (line 2); expected all recordings of a patient in the same split");
    }
}

TEST(Cohort, JoiningUnitesColumnsAndKeepsPatientsApart) {
    Cohort one = parse("record,patient_id,rhythm\na,7,N\n");
    Cohort two = parse("record,patient_id,form,rhythm\nb,7,F,A\n");
    one.folder = "one";
    two.folder = "two";
    const Cohort joined = join_cohorts(std::vector{one, two}, "");
    EXPECT_EQ(joined.extra_columns, (std::vector<std::string>{"rhythm", "form"}));
    EXPECT_EQ(joined.rows[0].extras, (std::vector<std::string>{"N", ""}));
    EXPECT_EQ(joined.rows[1].extras, (std::vector<std::string>{"A", "F"}));
    EXPECT_EQ(joined.rows[0].record, "one/a");
    EXPECT_EQ(joined.rows[1].record, "two/b");
    EXPECT_EQ(joined.rows[0].patient_id, "1/7");
    EXPECT_EQ(joined.rows[1].patient_id, "2/7");

    one.dataset = two.dataset = "ptbxl";
    EXPECT_EQ(join_cohorts(std::vector{one, two}, "").rows[1].patient_id, "7");
    two.dataset = "cinc2017";
    EXPECT_EQ(join_cohorts(std::vector{one, two}, "").rows[1].patient_id, "cinc2017/7");
}

}  // namespace
}  // namespace clef
