// clef risk: one patient, and a cohort.
#include "base/csv.hpp"
#include "base/text.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

using Json = nlohmann::json;

Words patient(const std::string& age) {
    return {"risk", "--age", age,   "--sex",    "F", "--sbp",      "140", "--total-cholesterol",
            "6.3",  "--hdl", "1.4", "--smoker", "1", "--diabetes", "0",   "--region",
            "low",  "--json"};
}

// SCORE2's supplement, table 4, prints 4.3 % for this woman.
TEST(Risk, OnePatientAsTheSupplementPrintsIt) {
    const Outcome outcome = run(patient("50"));
    expect_done(outcome);
    const Json found = Json::parse(outcome.out);
    EXPECT_NEAR(found.at("risk").get<double>(), 0.0433, 0.00005);
    EXPECT_EQ(found.at("risk_model"), "SCORE2");
    EXPECT_EQ(found.at("missing"), 0.0);
}

TEST(Risk, FromSeventyOnItIsScore2Op) {
    EXPECT_EQ(Json::parse(run(patient("69")).out).at("risk_model"), "SCORE2");
    EXPECT_EQ(Json::parse(run(patient("70")).out).at("risk_model"), "SCORE2-OP");
}

TEST(Risk, WhatIsMissingOrOutOfRangeIsNamed) {
    expect_refusal(run({"risk", "--age", "50", "--sex", "F"}), {"--region"});
    expect_refusal(run({"risk", "--age", "50", "--region", "mars"}),
                   {"--region", "mars", "moderate"});
    expect_refusal(run({"risk", "--age", "50", "--sex", "Q", "--region", "low"}), {"--sex", "Q"});
    Words words = patient("30");
    expect_refusal(run(words), {"30", "40"});
}

TEST(Risk, OfACohortAddsColumnsAndKeepsTheOthers) {
    const TemporaryFolder folder;
    const std::string table = (folder.path() / "in.csv").string();
    const std::string output = (folder.path() / "out.csv").string();
    write_file(
        table,
        "record,patient_id,age,sex,sbp_mmhg,total_cholesterol_mmol_l,hdl_mmol_l,smoker,colour\n"
        "a,1,50,F,140,6.3,1.4,1,red\n"
        "b,2,50,F,140,6.3,,1,green\n"
        "c,3,30,F,140,6.3,1.4,1,blue\n");
    const Outcome outcome = run({"risk", table, "--region", "low", "-o", output, "--json"});
    expect_done(outcome);
    const Json summary = Json::parse(outcome.out);
    EXPECT_EQ(summary.at("rows"), 3);
    EXPECT_EQ(summary.at("with_risk"), 1);
    const CsvTable found = read_csv(output);
    ASSERT_EQ(found.rows.size(), 3u);
    const auto cell = [&found](std::size_t row, const char* column) {
        return found.rows[row][found.require(column)];
    };
    EXPECT_NEAR(parse_double(cell(0, "risk")).value_or(0), 0.0433, 0.00005);
    EXPECT_EQ(cell(0, "risk_model"), "SCORE2");
    EXPECT_EQ(cell(1, "risk"), "") << "HDL is missing, and rows that lack something are excluded";
    EXPECT_NE(cell(1, "risk_reason"), "");
    EXPECT_GT(parse_double(cell(1, "missing")).value_or(0), 0);
    EXPECT_EQ(cell(2, "risk"), "") << "too young for SCORE2";
    EXPECT_NE(cell(2, "risk_reason"), cell(1, "risk_reason"));
    EXPECT_EQ(cell(2, "colour"), "blue");
}

TEST(Risk, AnotherScoreByName) {
    const Outcome outcome = run(
        {"risk", "--age", "65", "--sex", "M", "--score", "age-sex", "--region", "low", "--json"});
    expect_done(outcome);
    const Json found = Json::parse(outcome.out);
    EXPECT_EQ(found.at("score"), "age-sex");
    EXPECT_EQ(found.at("missing"), 0.0);
    EXPECT_NEAR(found.at("risk").get<double>(), 0.065567, 0.000001);
    expect_refusal(run({"risk", "--age", "65", "--score", "agesex", "--region", "low"}),
                   {"agesex", "age-sex"});
}

TEST(Risk, CholesterolInMgPerDl) {
    Words words = patient("50");
    words[7 + 1] = "243.621";  // 6.3 and 1.4 mmol/L
    words[9 + 1] = "54.138";
    words.insert(words.end(), {"--cholesterol-unit", "mg/dL"});
    const Outcome outcome = run(words);
    expect_done(outcome);
    EXPECT_NEAR(Json::parse(outcome.out).at("risk").get<double>(), 0.0433, 0.00005);
    words.back() = "mg";
    expect_refusal(run(words), {"--cholesterol-unit", "mg", "mg/dL"});
}

// Each row says what is wrong with it; one bad value does not cost the others their risk.
TEST(Risk, ImpossibleValuesOfACohortAreReportedPerRow) {
    const TemporaryFolder folder;
    const std::string table = (folder.path() / "in.csv").string();
    const std::string output = (folder.path() / "out.csv").string();
    write_file(table,
               "record,age,sex,sbp_mmhg,total_cholesterol_mmol_l,hdl_mmol_l,smoker\n"
               "a,50,F,140,6.3,1.4,1\nb,50,F,12,6.3,1.4,1\nc,50,F,140,250,1.4,1\n"
               "d,50,U,140,6.3,1.4,1\ne,95,F,140,6.3,1.4,1\n");
    expect_done(run({"risk", table, "--region", "low", "-o", output}));
    const CsvTable found = read_csv(output);
    const auto reason = [&](std::size_t row) {
        return found.rows[row][found.require("risk_reason")];
    };
    EXPECT_EQ(reason(0), "");
    EXPECT_NE(reason(1).find("12 mmHg is impossible"), std::string::npos) << reason(1);
    EXPECT_NE(reason(2).find("250 mg/dL would be 6.46"), std::string::npos) << reason(2);
    EXPECT_NE(reason(3).find("sex 'U'"), std::string::npos) << reason(3);
    EXPECT_NE(reason(4).find("above 89"), std::string::npos) << reason(4);
    for (std::size_t row = 1; row < 5; ++row) EXPECT_EQ(found.rows[row][found.require("risk")], "");
    // The table that was written is one that every other command can read.
    expect_done(run({"risk", output, "--region", "low", "-o", output}));
    // A score that does not need the value does not mind it.
    expect_done(run({"risk", table, "--region", "low", "--score", "age-sex", "-o", output}));
    const CsvTable simpler = read_csv(output);
    EXPECT_NE(simpler.rows[1][simpler.require("risk")], "");
    EXPECT_NE(simpler.rows[3][simpler.require("risk_reason")], "");
}

TEST(Risk, ACohortItCannotReadLeavesNoTable) {
    const TemporaryFolder folder;
    const std::filesystem::path table = folder.path() / "in.csv";
    const std::filesystem::path output = folder.path() / "out.csv";
    write_file(table, "record,age\na,50\nb,seventy\n");
    expect_refusal(run({"risk", table.string(), "--region", "low", "-o", output.string()}),
                   {table.string(), "line 3", "'age'", "'seventy'", "a number"});
    EXPECT_FALSE(std::filesystem::exists(output));
}

}  // namespace

}  // namespace clef::testing
