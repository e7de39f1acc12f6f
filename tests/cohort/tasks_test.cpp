// The rules of task files beyond plain codes: columns, values, texts, ranges, splits; and the tasks
// that ship.
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cohort/datasets/dataset.hpp"
#include "cohort/read_cohorts.hpp"
#include "cohort/task.hpp"
#include "shared.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;

Cohort cohort_of(const std::string& text) {
    return parse_cohort(parse_csv("record,patient_id," + text, "c.csv"), "");
}

Task task_of(const std::string& text) {
    return parse_task("name = 't'\n" + text, "t.toml");
}

template <typename Work>
std::string complaint(const Work& work) {
    try {
        work();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string complaint_about(const std::string& text) {
    return complaint([&] { task_of(text); });
}

TEST(TaskRules, ClassesTakeValuesTextsRangesAndTheRest) {
    const Task task = task_of(
        "label = 'x'\nkind = 'multi-class'\nclasses = [\n"
        "  { code = 'a', values = ['1st', 'first'] },\n"
        "  { code = 'b', contains = ['Home', 'house'] },\n"
        "  { code = 'c', at_least = 10, below = 20.5 },\n"
        "  { code = 'd' },\n"
        "  { code = 'e', otherwise = true } ]\n");
    const Cohort cohort =
        cohort_of("x\n1,p,first\n2,p,A Home of one's own\n3,p,10\n4,p,20.5\n5,p,d\n6,p,\n7,p,a\n");
    EXPECT_EQ(make_targets(cohort, task).class_index, (std::vector<int>{0, 1, 2, 4, 3, -1, 4}));
}

TEST(TaskRules, UnlistedCodesAreErrorsUnlessIgnored) {
    const std::string task = "label = 'x'\nkind = 'multi-label'\nclasses = ['A', 'B']\n";
    const Cohort cohort = cohort_of("x\n1,p,A;C\n2,p,C\n");
    EXPECT_EQ(
        complaint([&] { make_targets(cohort, task_of(task)); }),
        "c.csv: line 2: column 'x': found 'C', expected a class of task t. Did you mean 'A'?");
    const Targets targets = make_targets(cohort, task_of(task + "unlisted = 'ignore'\n"));
    EXPECT_EQ(targets.known, (std::vector<char>{1, 1}));
    EXPECT_EQ(targets.indicators, (std::vector<char>{1, 0, 0, 0}));
    const Task one =
        task_of("label = 'x'\nkind = 'multi-class'\nclasses = ['A', 'B']\nunlisted = 'ignore'\n");
    EXPECT_EQ(make_targets(cohort_of("x\n1,p,A\n2,p,C\n"), one).known, (std::vector<char>{1, 0}));
}

TEST(TaskRules, MultiLabelTasksReadSeveralColumns) {
    const Task task = task_of(
        "label = ['x', 'y']\nkind = 'multi-label'\n"
        "classes = ['A', { code = 'B', values = ['b', 'bb'] }]\n");
    EXPECT_EQ(task.label, "x, y");
    const Targets targets = make_targets(cohort_of("x,y\n1,p,A,bb\n2,p,,\n3,p,,b\n"), task);
    EXPECT_EQ(targets.known, (std::vector<char>{1, 0, 1}));
    EXPECT_EQ(targets.indicators, (std::vector<char>{1, 1, 0, 0, 0, 1}));
    EXPECT_EQ(complaint([&] { make_targets(cohort_of("x\n1,p,A\n"), task); }),
              "c.csv: no label column 'y'. Did you mean 'x'?");
}

TEST(TaskRules, RefusesRulesThatContradict) {
    const std::string classes = "label = 'x'\nkind = 'multi-class'\nclasses = ";
    EXPECT_EQ(complaint_about(classes + "['A', { code = 'B', values = ['A'] }]"),
              "t.toml: line 4: class 'B': 'A' counts as another class already");
    EXPECT_EQ(complaint_about(classes + "['A', { code = 'B', at_least = 3, below = 3 }]"),
              "t.toml: line 4: 'below' must be over 'at_least'");
    EXPECT_EQ(complaint_about(classes + "[{ code = 'A', otherwise = true }, { code = 'B', "
                                        "otherwise = true }]"),
              "t.toml: line 4: only one class can have 'otherwise'");
    EXPECT_EQ(complaint_about(classes + "['A', { code = 'B', contain = ['x'] }]"),
              "t.toml: line 4: unknown key 'contain'. Did you mean 'contains'?");
    EXPECT_EQ(complaint_about("label = ['x', 'y']\nkind = 'regression'"),
              "t.toml: line 2: only a multi-label task reads several columns");
    EXPECT_EQ(complaint_about("label = 'x'\nkind = 'regression'\nunlisted = 'skip'"),
              "t.toml: line 4: 'unlisted' is 'skip'. Known: error, ignore.");
}

TEST(TaskSplit, ComesFromTheColumnsOfTheTable) {
    const Task task = task_of(
        "label = 'x'\nkind = 'regression'\n[split]\n"
        "train = { dataset = 'a', fold = ['1', '2'] }\nval = { dataset = 'a', fold = '3' }\n"
        "test = { dataset = 'b' }\n");
    const Cohort cohort = cohort_of(
        "x,dataset,fold,split\n1,p,1,a,1,test\n2,q,1,a,3,\n3,r,1,b,1,train\n4,s,1,a,4,train\n"
        "5,t,1,a,2,\n");
    const Cohort split = apply_split(cohort, task);
    std::string splits;
    for (const CohortRow& row : split.rows) splits += row.split + "|";
    EXPECT_EQ(splits, "train|val|test||train|");
    EXPECT_EQ(complaint([&] { apply_split(cohort_of("x,fold\n1,p,1,1\n"), task); }),
              "c.csv: no label column 'dataset'. Known: x, fold.");
    EXPECT_EQ(
        complaint([&] { apply_split(cohort_of("x,dataset,fold\n1,p,1,a,1\n2,q,1,a,3\n"), task); }),
        "c.csv: no rows for test of task t: expected rows with dataset = b");
}

TEST(TaskSplit, APatientOnTwoSidesIsRefused) {
    const Task task = task_of(
        "label = 'x'\nkind = 'regression'\n[split]\ntrain = { fold = '1' }\nval = { fold = '2' }\n"
        "test = { fold = '3' }\n");
    EXPECT_EQ(
        complaint([&] { apply_split(cohort_of("x,fold\n1,p,1,1\n2,q,1,2\n3,p,1,3\n"), task); }),
        "c.csv: column 'split': 1 patient in more than one split: p in test (line 4) and "
        "train (line 2); expected all recordings of a patient in the same split");
}

TEST(TaskSplit, ByPatientsKeepsThemTogetherInTheSharesAsked) {
    const Task task =
        task_of("label = 'x'\nkind = 'regression'\n[split]\npatients = [60, 20, 20]\n");
    std::string text = "x,split\n";
    for (int i = 0; i < 4000; ++i) text += fmt::format("{},p{},1,\n", i, i / 2);
    const Cohort split = apply_split(cohort_of(text), task);
    refuse_leaks(split);
    std::map<std::string, double> shares;
    for (const CohortRow& row : split.rows) shares[row.split] += 1.0 / 4000;
    EXPECT_NEAR(shares["train"], 0.6, 0.04);
    EXPECT_NEAR(shares["val"], 0.2, 0.03);
    EXPECT_NEAR(shares["test"], 0.2, 0.03);
    EXPECT_EQ(complaint_about("label = 'x'\nkind = 'regression'\n[split]\npatients = [60, 20]\n"),
              "t.toml: line 5: 'patients' must be three percentages of train, val and test, 100 "
              "together");
    EXPECT_EQ(complaint_about("label = 'x'\nkind = 'regression'\n[split]\ntrain = { a = '1' }\n"),
              "t.toml: line 4: a split is train, val and test, or patients");
}

// The 18 tasks on 7 data sets of CLEF's paper.
const std::vector<std::string> paper = {"ptbxl-diagnostic",
                                        "ptbxl-subdiagnostic",
                                        "ptbxl-superdiagnostic",
                                        "ptbxl-form",
                                        "ptbxl-rhythm",
                                        "chapman-conditions",
                                        "icentia11k-beat",
                                        "icentia11k-rhythm",
                                        "mimic-iv-ecg-low-lvef",
                                        "mimic-iv-ecg-lvef",
                                        "mc-med-ed-disposition",
                                        "mc-med-discharge",
                                        "mc-med-acuity",
                                        "mc-med-sbp",
                                        "mc-med-dbp",
                                        "music-outcome",
                                        "aurora-bp-sbp",
                                        "aurora-bp-dbp"};

TEST(Tasks, ThePapersAreAllThereWithTheirClasses) {
    const std::map<std::string, std::size_t> classes = {
        {"chapman-conditions", 38},   {"icentia11k-beat", 3},   {"icentia11k-rhythm", 3},
        {"mimic-iv-ecg-low-lvef", 2}, {"mimic-iv-ecg-lvef", 0}, {"mc-med-ed-disposition", 4},
        {"mc-med-discharge", 6},      {"mc-med-acuity", 5},     {"music-outcome", 4},
        {"aurora-bp-sbp", 0}};
    EXPECT_EQ(paper.size(), 18u);
    for (const std::string& name : paper) {
        const Task task = read_task(CLEF_SOURCE "/tasks/" + name + ".toml");
        EXPECT_EQ(task.name, name);
        const auto expected = classes.find(name);
        if (expected != classes.end()) {
            EXPECT_EQ(task.classes.size(), expected->second) << name;
        }
    }
}

// What `dataset` names must be something that `clef index` can write (or the simulator).
TEST(Tasks, NameDataSetsThatExist) {
    std::set<std::string> known = {"simulated"};
    for (const Dataset& dataset : datasets()) known.insert(dataset.name);
    for (const auto& file : fs::directory_iterator(CLEF_SOURCE "/tasks")) {
        const Task task = read_task(file.path());
        std::size_t start = 0;
        while (start <= task.dataset.size()) {
            const std::size_t end = std::min(task.dataset.find(", ", start), task.dataset.size());
            EXPECT_TRUE(known.contains(task.dataset.substr(start, end - start)))
                << file.path() << ": " << task.dataset;
            start = end + 2;
        }
    }
}

TEST(Tasks, TrainOnPtbxlTestOnCpsc2018) {
    CLEF_REQUIRE_SHARED("data/ptbxl/ptbxl_database.csv");
    CLEF_REQUIRE_SHARED("data/cpsc2018");
    const testing::TemporaryFolder folder;
    std::vector<fs::path> tables;
    for (const char* name : {"ptbxl", "cpsc2018"}) {
        const std::vector<fs::path> roots = {testing::shared_folder() / "data" / name};
        tables.push_back(folder.path() / (std::string(name) + ".csv"));
        write_cohort(find_dataset(name).index(roots, {}).cohort, tables.back());
    }
    const Task task = read_task(CLEF_SOURCE "/tasks/ptbxl-to-cpsc2018.toml");
    const Cohort cohort = apply_split(read_cohorts(tables), task);
    ASSERT_EQ(cohort.rows.size(), 560u);
    EXPECT_TRUE(cohort.rows[0].patient_id.starts_with("ptbxl/"));
    EXPECT_TRUE(fs::exists(cohort.path_of(cohort.rows[559]).string() + ".hea"));
    const Targets targets = make_targets(cohort, task);
    EXPECT_EQ(targets.known_rows(), 560u);
    std::map<std::string, std::vector<std::size_t>> positives;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        auto& counts = positives[cohort.rows[i].split];
        counts.resize(9);
        for (std::size_t k = 0; k < 9; ++k) {
            counts[k] += static_cast<std::size_t>(targets.indicators[i * 9 + k]);
        }
    }
    // Normal, AF, I-AVB, LBBB, RBBB, PAC, PVC, STD, STE in the headers of CPSC 2018 ("AF,RBBB"
    // twice).
    EXPECT_EQ(positives["test"], (std::vector<std::size_t>{10, 10, 2, 3, 13, 3, 6, 7, 8}));
    // PTB-XL's first 500: NORM 297, AFIB 13, 1AVB 10, CLBBB 8, CRBBB 8, PAC 6, PVC 16, STD_ 22.
    std::vector<std::size_t> ptbxl(9);
    for (const char* split : {"train", "val", ""}) {
        for (std::size_t k = 0; k < positives[split].size(); ++k) ptbxl[k] += positives[split][k];
    }
    EXPECT_EQ(positives[""].size(), 9u);  // PTB-XL's own test fold takes no part
    EXPECT_EQ(ptbxl, (std::vector<std::size_t>{297, 13, 10, 8, 8, 6, 16, 22, 0}));
}

}  // namespace
}  // namespace clef
