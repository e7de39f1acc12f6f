#include "evaluation/per_patient.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace clef {
namespace {

struct Rows {
    EvaluationRows rows;
    Targets targets;
    Matrix predictions{6, 1};
    Task task;
};

// Patients a (three records, one without an answer), b, c and d.
Rows make_rows() {
    Rows made;
    made.rows.records = {"1", "2", "3", "4", "5", "6"};
    made.rows.patients = {"a", "b", "a", "c", "a", "d"};
    made.rows.splits = {"test", "test", "test", "train", "test", ""};
    made.targets.kind = made.task.kind = TaskKind::regression;
    made.targets.known = {1, 1, 1, 1, 0, 1};
    made.targets.values = {50, 60, 50, 70, 0, 80};
    made.predictions.values = {40, 61, 54, 1, 1000, 2};
    made.task.per_patient = true;
    return made;
}

TEST(PerPatient, AveragesAPatientsAnsweredRecordings) {
    const Rows made = make_rows();
    const PatientRows patients = by_patient(made.predictions, made.rows, made.targets);
    EXPECT_EQ(patients.rows.records, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(patients.predictions.values, (std::vector<double>{47, 61, 1}));
    EXPECT_EQ(patients.targets.values, (std::vector<double>{50, 60, 70}));
    const Scores scores = score_predictions(made.predictions, made.rows, made.task, made.targets);
    EXPECT_EQ(scores.test_rows, 2U);
    EXPECT_DOUBLE_EQ(*scores.metric("mae").value, 2);  // of 3 and 1
    Task each = made.task;
    each.per_patient = false;
    const Scores of_records = score_predictions(made.predictions, made.rows, each, made.targets);
    EXPECT_DOUBLE_EQ(*of_records.metric("mae").value, 5);  // of 10, 1 and 4
}

TEST(PerPatient, KeepsTheAnswersOfEveryKind) {
    Rows made = make_rows();
    made.targets.kind = TaskKind::multi_label;
    made.targets.classes = 2;
    made.targets.indicators = {1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0};
    made.predictions = Matrix(6, 2, 0.5);
    const PatientRows labels = by_patient(made.predictions, made.rows, made.targets);
    EXPECT_EQ(labels.targets.indicators, (std::vector<char>{1, 0, 0, 1, 1, 1}));
    made.targets.kind = TaskKind::multi_class;
    made.targets.class_index = {1, 0, 1, 0, -1, 0};
    EXPECT_EQ(by_patient(made.predictions, made.rows, made.targets).targets.class_index,
              (std::vector<int>{1, 0, 0}));
}

TEST(PerPatient, RefusesAnswersThatDiffer) {
    Rows made = make_rows();
    made.targets.values[2] = 51;
    try {
        by_patient(made.predictions, made.rows, made.targets);
        FAIL();
    } catch (const InputError& error) {
        const std::string message = error.what();
        for (const char* word : {"'a'", "'1'", "'3'", "per = \"patient\""}) {
            EXPECT_NE(message.find(word), std::string::npos) << message;
        }
    }
}

}  // namespace
}  // namespace clef
