#include "adapters.hpp"
#include "cohort/datasets/scp_codes.hpp"

namespace clef {
namespace {

using Counts = std::map<std::string, std::size_t>;

// Positives of every class that has any.
Counts positives(const Cohort& cohort, const Task& task) {
    const Targets targets = make_targets(cohort, task);
    Counts result;
    for (std::size_t i = 0; i < targets.indicators.size(); ++i) {
        if (targets.indicators[i] != 0) ++result[task.classes[i % targets.classes].code];
    }
    return result;
}

// Counted by a Python program of ten lines over the same two tables (ast.literal_eval of scp_codes,
// every statement whatever its likelihood), as the data set's example code aggregates.
const std::map<std::string, Counts> expected = {
    {"superdiagnostic", {{"CD", 78}, {"HYP", 40}, {"MI", 73}, {"NORM", 297}, {"STTC", 96}}},
    {"subdiagnostic",
     {{"AMI", 41},  {"CLBBB", 8}, {"CRBBB", 8},  {"ILBBB", 2}, {"IMI", 41},       {"IRBBB", 20},
      {"ISCA", 9},  {"ISCI", 6},  {"ISC_", 26},  {"IVCD", 6},  {"LAFB/LPFB", 32}, {"LAO/LAE", 4},
      {"LMI", 3},   {"LVH", 35},  {"NORM", 297}, {"NST_", 16}, {"RAO/RAE", 3},    {"RVH", 2},
      {"SEHYP", 1}, {"STTC", 49}, {"WPW", 1},    {"_AVB", 10}}},
    {"diagnostic",
     {{"1AVB", 10},   {"ALMI", 3},  {"AMI", 7},     {"ANEUR", 3},  {"ASMI", 30}, {"CLBBB", 8},
      {"CRBBB", 8},   {"DIG", 5},   {"EL", 3},      {"ILBBB", 2},  {"ILMI", 3},  {"IMI", 37},
      {"INJAL", 2},   {"INJAS", 2}, {"IPMI", 1},    {"IRBBB", 20}, {"ISCAL", 7}, {"ISCAS", 1},
      {"ISCIL", 4},   {"ISCIN", 2}, {"ISCLA", 1},   {"ISC_", 26},  {"IVCD", 6},  {"LAFB", 29},
      {"LAO/LAE", 4}, {"LMI", 3},   {"LNGQT", 3},   {"LPFB", 4},   {"LVH", 35},  {"NDT", 38},
      {"NORM", 297},  {"NST_", 16}, {"RAO/RAE", 3}, {"RVH", 2},    {"SEHYP", 1}, {"WPW", 1}}},
    {"form",
     {{"ABQRS", 22},
      {"DIG", 5},
      {"HVOLT", 2},
      {"INVT", 5},
      {"LNGQT", 3},
      {"LOWT", 10},
      {"LPR", 3},
      {"LVOLT", 4},
      {"NDT", 38},
      {"NST_", 16},
      {"NT_", 13},
      {"PAC", 6},
      {"PVC", 16},
      {"QWAVE", 10},
      {"STD_", 22},
      {"TAB_", 1},
      {"VCLVH", 12}}},
    {"rhythm",
     {{"AFIB", 13},
      {"AFLT", 8},
      {"PACE", 6},
      {"SARRH", 26},
      {"SBRAD", 9},
      {"SR", 407},
      {"STACH", 5},
      {"SVTAC", 1}}}};

TEST(PtbxlTasks, AggregateAsCountedIndependentlyOnTheFirst500) {
    CLEF_REQUIRE_SHARED("data/ptbxl/ptbxl_database.csv");
    const IndexResult result = testing::index("ptbxl", testing::shared_folder() / "data/ptbxl");
    ASSERT_EQ(result.cohort.rows.size(), 500u);
    EXPECT_EQ(result.missing_records, 0u);
    EXPECT_TRUE(testing::remarked(result, "500 of the 21799 recordings published"));
    for (const auto& [kind, counts] : expected) {
        EXPECT_EQ(positives(result.cohort, testing::task("ptbxl-" + kind)), counts) << kind;
    }
    refuse_leaks(result.cohort);
}

// Every class of scp_statements.csv is one of the task's and no other.
TEST(PtbxlTasks, HaveTheClassesOfTheStatementsTable) {
    CLEF_REQUIRE_SHARED("data/ptbxl/scp_statements.csv");
    const auto statements =
        read_scp_statements(testing::shared_folder() / "data/ptbxl/scp_statements.csv");
    const std::map<std::string, std::string ScpStatement::*> kinds = {
        {"superdiagnostic", &ScpStatement::superdiagnostic},
        {"subdiagnostic", &ScpStatement::subdiagnostic},
        {"diagnostic", &ScpStatement::diagnostic},
        {"form", &ScpStatement::form},
        {"rhythm", &ScpStatement::rhythm}};
    for (const auto& [kind, member] : kinds) {
        std::map<std::string, int> published, own;
        for (const auto& [code, statement] : statements) {
            if (!(statement.*member).empty()) published[statement.*member] = 1;
        }
        for (const TaskClass& one : testing::task("ptbxl-" + kind).classes) own[one.code] = 1;
        EXPECT_EQ(own, published) << kind;
    }
}

TEST(PtbxlTasks, CellsWithOddQuotingParse) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "scp_statements.csv",
               ",description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass\n"
               "NORM,\"normal, ECG\",1.0,,,NORM,NORM\nSR,sinus rhythm,,,1.0,,\n");
    // Doubled quotes within a quoted cell, and a cell without commas that is not quoted.
    write_file(folder.path() / "ptbxl_database.csv",
               "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\r\n"
               "1,1,50,0,\"{\"\"NORM\"\": 100.0, 'SR': 0.0}\",1,a,b\r\n"
               "2,2,50,0,{'SR': 0.0},1,c,d\r\n");
    const Cohort cohort = testing::index("ptbxl", folder.path()).cohort;
    EXPECT_EQ(testing::cells(cohort, 0, {"superdiagnostic", "rhythm"}), "NORM|SR");
    EXPECT_EQ(testing::cells(cohort, 1, {"superdiagnostic", "rhythm", "dataset"}), "|SR|ptbxl");
}

}  // namespace
}  // namespace clef
