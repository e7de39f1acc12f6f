#include "cohort/task.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace clef {
namespace {

Task multi_label() {
    return parse_task(
        "name = 't'\nlabel = 'form'\nkind = 'multi-label'\n"
        "classes = [{ code = 'A', name = 'apple' }, { code = 'B' }]\n",
        "t.toml");
}

Cohort cohort_of(const std::string& text) {
    return parse_cohort(parse_csv("record,patient_id," + text, "c.csv"), "");
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

std::string complaint_about(const std::string& toml) {
    return complaint([&] { parse_task(toml, "t.toml"); });
}

TEST(Task, ReadsNamesClassesAndDefaults) {
    const Task task = multi_label();
    EXPECT_EQ(task.title, "t");
    EXPECT_EQ(task.metric, "macro-auroc");
    EXPECT_FALSE(task.lead);
    ASSERT_EQ(task.classes.size(), 2u);
    EXPECT_EQ(task.classes[0].name, "apple");
    EXPECT_EQ(task.classes[1].name, "B");
    const Task age =
        parse_task("name='a'\nlabel='age'\nkind='regression'\nunit='years'\nlead='II'", "a.toml");
    EXPECT_EQ(age.metric, "mae");
    EXPECT_EQ(age.unit, "years");
    EXPECT_FALSE(age.per_patient);
    EXPECT_TRUE(parse_task("name='a'\nlabel='age'\nkind='regression'\nper='patient'", "a.toml")
                    .per_patient);
    EXPECT_THROW(parse_task("name='a'\nlabel='age'\nkind='regression'\nper='day'", "a.toml"),
                 InputError);
    EXPECT_EQ(age.lead, "II");
}

TEST(Task, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(complaint_about("name = 't'\nlabell = 'x'\nkind = 'regression'"),
              "t.toml: line 2: unknown key 'labell'. Did you mean 'label'?");
    EXPECT_EQ(complaint_about("name = 't'\nlabel = 'x'\nkind = 'multilabel'\nclasses = ['A']"),
              "t.toml: line 3: 'kind' is 'multilabel'. Did you mean 'multi-label'?");
    EXPECT_EQ(complaint_about("name = 't'\nkind = 'regression'"),
              "t.toml: no 'label'; a task needs name, label and kind");
    EXPECT_EQ(complaint_about("name = 3\nlabel = 'x'\nkind = 'regression'"),
              "t.toml: line 1: 'name' must be a non-empty text");
    EXPECT_EQ(complaint_about("name = 't'\nlabel = 'x'\nkind = 'multi-class'\nclasses = ['A']"),
              "t.toml: line 4: a multi-class task needs 'classes' with at least 2");
    EXPECT_EQ(complaint_about("name = 't'\nlabel = 'x'\nkind = 'multi-class'\nclasses = ['A','A']"),
              "t.toml: line 4: class 'A' appears twice");
    EXPECT_EQ(complaint_about("name = 't'\nlabel = 'x'\nkind = 'regression'\nmetric = 'accuracy'"),
              "t.toml: line 4: 'metric' is 'accuracy'. Known: mae, rmse, r2.");
    EXPECT_NE(complaint_about("name = 't'\nlabel = ").find("t.toml: line 2"), std::string::npos);
}

TEST(Targets, MultiLabelCellsHoldCodesSeparatedBySemicolons) {
    const Targets targets =
        make_targets(cohort_of("form\na,p,A;B\nb,p,\nc,p, B \nd,p,none\n"), multi_label());
    EXPECT_EQ(targets.known, (std::vector<char>{1, 0, 1, 1}));
    EXPECT_EQ(targets.known_rows(), 3u);
    EXPECT_EQ(targets.indicators, (std::vector<char>{1, 1, 0, 0, 0, 1, 0, 0}));
}

TEST(Targets, UnknownClassNamesTheLine) {
    EXPECT_EQ(complaint([] { make_targets(cohort_of("form\na,p,A\nb,p,A;C7\n"), multi_label()); }),
              "c.csv: line 3: column 'form': found 'C7', expected a class of task t. Known: A, B.");
    EXPECT_EQ(complaint([] { make_targets(cohort_of("shape\na,p,A\n"), multi_label()); }),
              "c.csv: no label column 'form'. Known: shape.");
}

TEST(Targets, MultiClassCellsHoldOneClass) {
    const Task sex =
        parse_task("name='s'\nlabel='sex'\nkind='multi-class'\nclasses=['F','M']", "s.toml");
    const Targets targets = make_targets(cohort_of("sex\na,p,M\nb,p,\nc,p,f\n"), sex);
    EXPECT_EQ(targets.class_index, (std::vector<int>{1, -1, 0}));
    const Task form =
        parse_task("name='s'\nlabel='form'\nkind='multi-class'\nclasses=['A','B']", "s.toml");
    EXPECT_EQ(
        complaint([&] { make_targets(cohort_of("form\na,p,A;B\n"), form); }),
        "c.csv: line 2: column 'form': found 'A;B', expected a class of task s. A multi-class "
        "cell holds one class.");
}

TEST(Targets, RegressionTakesNumbersFromReservedAndOtherColumns) {
    const Task age = parse_task("name='a'\nlabel='age'\nkind='regression'", "a.toml");
    const Targets targets = make_targets(cohort_of("age\na,p,50.5\nb,p,\n"), age);
    EXPECT_EQ(targets.values[0], 50.5);
    EXPECT_TRUE(std::isnan(targets.values[1]));
    const Task potassium = parse_task("name='k'\nlabel='potassium'\nkind='regression'", "k.toml");
    EXPECT_EQ(complaint([&] { make_targets(cohort_of("potassium\na,p,high\n"), potassium); }),
              "c.csv: line 2: column 'potassium': found 'high', expected a number");
}

TEST(Task, EveryTaskThatShipsIsReadable) {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(CLEF_SOURCE "/tasks")) {
        const Task task = read_task(file.path());
        EXPECT_EQ(task.name, file.path().stem().string());
        ++count;
    }
    EXPECT_GE(count, 12u);
    const auto classes = [](const std::string& name) {
        return read_task(CLEF_SOURCE "/tasks/" + name + ".toml").classes.size();
    };
    // The numbers of classes of PTB-XL's published benchmark (Strodthoff et al. 2021, Table I).
    EXPECT_EQ(classes("ptbxl-superdiagnostic"), 5u);
    EXPECT_EQ(classes("ptbxl-subdiagnostic"), 23u);
    EXPECT_EQ(classes("ptbxl-diagnostic"), 44u);
    EXPECT_EQ(classes("ptbxl-form"), 19u);
    EXPECT_EQ(classes("ptbxl-rhythm"), 12u);
}

}  // namespace
}  // namespace clef
