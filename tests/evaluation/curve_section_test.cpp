#include "evaluation/report/curve_section.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace clef {
namespace {

struct Example {
    EvaluationRows rows;
    Targets targets;
    TaskResult result;
};

// Six test rows and one of validation.
Example example(TaskKind kind) {
    Example made;
    made.result.model = "encoder";
    made.result.protocol = "probe";
    made.result.task.name = made.result.task.label = "x";
    made.result.task.kind = made.targets.kind = kind;
    made.result.task.metric = kind == TaskKind::regression ? "mae" : "macro-auroc";
    made.targets.known.assign(7, 1);
    for (int i = 0; i < 7; ++i) {
        made.rows.records.push_back(fmt::format("r{}", i));
        made.rows.patients.push_back(fmt::format("p{}", i / 2));
        made.rows.splits.push_back(i == 6 ? "val" : "test");
    }
    if (kind == TaskKind::regression) {
        made.targets.values = {1, 2, 3, 4, 5, 6, 7};
        made.result.predictions = Matrix(7, 1);
        made.result.predictions.values = {1, 2.5, 3, 0, 5.2, 6, 99};
    } else {
        made.result.task.classes = {{"A", "first"}, {"B<", "second"}};
        made.targets.classes = 2;
        made.targets.class_index = {0, 0, 1, 1, 1, 0, 0};
        made.targets.indicators = {1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0};
        made.result.predictions = Matrix(7, 2);
        made.result.predictions.values = {.9, .1, .8, .2, .3, .7, .6, .4, .1, .9, .01, .99, .1, .9};
    }
    ScoringOptions options;
    options.bootstrap.resamples = 10;
    made.result.scores = score_predictions(made.result.predictions, made.rows, made.result.task,
                                           made.targets, options);
    return made;
}

TEST(CurveSection, DrawsEachKindOfTask) {
    const Example labels = example(TaskKind::multi_label);
    const std::string html = curve_section(labels.result, labels.rows, labels.targets);
    for (const char* text : {"<title>ROC</title>", "<title>Precision and recall</title>",
                             "<title>Calibration</title>", "B&lt;"}) {
        EXPECT_NE(html.find(text), std::string::npos) << text;
    }
    EXPECT_EQ(html.find("Confusion"), std::string::npos);
    const Example values = example(TaskKind::regression);
    EXPECT_NE(curve_section(values.result, values.rows, values.targets)
                  .find("Predicted against true values"),
              std::string::npos);
}

TEST(CurveSection, TheConfusionMatrixCountsTestRows) {
    const Example made = example(TaskKind::multi_class);
    const std::string html = confusion_table(made.result, made.rows, made.targets);
    // Two of three A and two of three B are right.
    EXPECT_NE(html.find("<td>A</td><td class=\"number\">2</td><td class=\"number\">1</td>"),
              std::string::npos)
        << html;
    EXPECT_NE(html.find("<td>B&lt;</td><td class=\"number\">1</td><td class=\"number\">2</td>"),
              std::string::npos);
    const Example labels = example(TaskKind::multi_label);
    EXPECT_EQ(confusion_table(labels.result, labels.rows, labels.targets), "");
}

TEST(CurveSection, TheWorstErrorsAreThoseOfHighestLoss) {
    const Example made = example(TaskKind::multi_class);
    const auto worst = worst_rows(made.result, made.rows, made.targets, 2);
    ASSERT_EQ(worst.size(), 2U);
    EXPECT_EQ(worst[0].row, 5U);
    EXPECT_EQ(worst[1].row, 3U);
    EXPECT_EQ(prediction_text(made.result, made.targets, 5),
              "truth: A; predicted: A 0.01, B< 0.99");
    const Example values = example(TaskKind::regression);
    EXPECT_EQ(worst_rows(values.result, values.rows, values.targets, 1)[0].row, 3U);
    EXPECT_EQ(worst_rows(values.result, values.rows, values.targets, 100).size(), 6U);
}

TEST(CurveSection, ALabelEfficiencyCurveNeedsSeveralFractions) {
    const Example made = example(TaskKind::multi_label);
    std::vector<TaskResult> results = {made.result};
    EXPECT_EQ(label_efficiency_chart(results), "");
    results.push_back(made.result);
    results.back().fraction = 0.1;
    EXPECT_NE(label_efficiency_chart(results).find("Label efficiency"), std::string::npos);
    EXPECT_EQ(results[1].name(), "encoder, probe, seed 0, 10 % of the labels");
    EXPECT_EQ(results[1].group(), "encoder, probe, 10 % of the labels");
    EXPECT_EQ(results[0].name(), "encoder, probe");
}

}  // namespace
}  // namespace clef
