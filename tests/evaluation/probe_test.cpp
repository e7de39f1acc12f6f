#include "evaluation/probe.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/logistic.hpp"

namespace clef {
namespace {

// Two records a patient; the embedding holds what decides the target, and noise.
struct Problem {
    FloatMatrix embeddings;
    EvaluationRows rows;
    Task task;
    Targets targets;
};

Problem make_problem(TaskKind kind, std::size_t count = 600, std::size_t width = 12) {
    Random random(11, "problem");
    Problem problem;
    problem.embeddings = FloatMatrix(count, width);
    problem.task.name = "made up";
    problem.task.label = "label";
    problem.task.kind = kind;
    problem.targets.kind = kind;
    if (kind != TaskKind::regression) {
        problem.task.classes = {{"A", "first"}, {"B", "second"}, {"C", "third"}};
        problem.targets.classes = 3;
    }
    const char* splits[] = {"train", "train", "train", "val", "test"};
    for (std::size_t i = 0; i < count; ++i) {
        problem.rows.records.push_back(fmt::format("r{}", i));
        problem.rows.patients.push_back(fmt::format("p{}", i / 2));
        problem.rows.splits.push_back(splits[i / 2 % 5]);
        problem.targets.known.push_back(1);
        for (float& value : problem.embeddings.row(i)) {
            value = static_cast<float>(random.normal(2, 3));
        }
        const auto x = problem.embeddings.row(i);
        problem.targets.values.push_back(50 + 2 * x[0] - x[1] + random.normal());
        int best = 0;
        double highest = -1e9;
        for (int k = 0; k < 3; ++k) {
            const double score = x[k] + random.normal(0, 2);
            problem.targets.indicators.push_back(score > 3 ? 1 : 0);
            if (score > highest) {
                highest = score;
                best = k;
            }
        }
        problem.targets.class_index.push_back(best);
    }
    return problem;
}

TaskResult run(const Problem& problem, const ProbeOptions& options = {}) {
    return linear_probe(problem.embeddings, problem.rows, problem.task, problem.targets, options);
}

TEST(Probe, ReadsMultiLabelTargetsOffTheEmbedding) {
    const Problem problem = make_problem(TaskKind::multi_label);
    const TaskResult result = run(problem);
    EXPECT_EQ(result.candidates.size(), 16U);
    EXPECT_EQ(result.scores.test_rows, 120U);
    EXPECT_EQ(result.scores.test_patients, 60U);
    const MetricResult& macro = result.scores.metric("macro-auroc");
    EXPECT_GT(*macro.value, 0.8);
    EXPECT_LT(*macro.interval.low, *macro.value);
    EXPECT_GT(*macro.interval.high, *macro.value);
    EXPECT_EQ(macro.interval.resamples, 1000U);
    double sum = 0;
    for (const ClassResult& one : result.scores.classes) sum += *one.auroc.value;
    EXPECT_NEAR(*macro.value, sum / 3, 1e-12);
}

TEST(Probe, ChoosesTheSettingOfLowestValidationLoss) {
    const Problem problem = make_problem(TaskKind::multi_label);
    const TaskResult result = run(problem);
    const auto best = std::min_element(
        result.candidates.begin(), result.candidates.end(),
        [](const auto& a, const auto& b) { return a.validation_loss < b.validation_loss; });
    EXPECT_EQ(best->settings.c, result.settings.c);
    EXPECT_EQ(best->settings.standardise, result.settings.standardise);
    EXPECT_EQ(best->settings.balanced, result.settings.balanced);
    // The loss itself, from the predictions of the setting chosen.
    double loss = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        std::vector<double> probabilities;
        std::vector<Label> labels;
        for (std::size_t i = 0; i < 600; ++i) {
            if (problem.rows.splits[i] != "val") continue;
            probabilities.push_back(result.predictions.at(i, k));
            labels.push_back(static_cast<Label>(problem.targets.indicators[3 * i + k]));
        }
        loss += *log_loss(probabilities, labels) / 3;
    }
    EXPECT_NEAR(best->validation_loss, loss, 1e-9);
}

TEST(Probe, TheTestRowsHaveNoSayInTheFit) {
    Problem problem = make_problem(TaskKind::multi_label);
    const TaskResult before = run(problem);
    for (std::size_t i = 0; i < 600; ++i) {
        if (problem.rows.splits[i] != "test") continue;
        for (std::size_t k = 0; k < 3; ++k) problem.targets.indicators[3 * i + k] ^= 1;
    }
    const TaskResult after = run(problem);
    EXPECT_EQ(before.head.weights.values, after.head.weights.values);
    EXPECT_NEAR(*before.scores.metric("macro-auroc").value,
                1 - *after.scores.metric("macro-auroc").value, 1e-12);
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(before.scores.classes[k].threshold, after.scores.classes[k].threshold);
    }
}

TEST(Probe, TheHeadIsTheLogisticRegressionOfTheStandardisedTrainingRows) {
    const Problem problem = make_problem(TaskKind::multi_label, 200, 4);
    ProbeOptions options;
    options.c = {0.1};
    options.standardise = {true};
    options.balanced = {true};
    const TaskResult result = run(problem, options);
    const auto train = answered_rows(problem.rows, problem.targets, "train");
    const Scaling scaling = make_scaling(problem.embeddings, train, true);
    std::vector<Label> labels;
    for (const std::size_t row : train) {
        labels.push_back(static_cast<Label>(problem.targets.indicators[3 * row + 1]));
    }
    const Matrix scaled = scaled_rows(problem.embeddings, train, scaling);
    const LogisticModel model = LogisticProblem(scaled).fit(labels, 0.1, true);
    for (std::size_t i = 0; i < train.size(); ++i) {
        EXPECT_NEAR(result.predictions.at(train[i], 1), model.probability(scaled.row(i)), 1e-9);
    }
    double mean = 0;
    for (std::size_t i = 0; i < scaled.rows; ++i) mean += scaled.at(i, 2);
    EXPECT_NEAR(mean, 0, 1e-9);
}

TEST(Probe, MulticlassProbabilitiesSumToOne) {
    const Problem problem = make_problem(TaskKind::multi_class);
    const TaskResult result = run(problem);
    for (std::size_t i = 0; i < result.predictions.rows; ++i) {
        const auto row = result.predictions.row(i);
        EXPECT_NEAR(row[0] + row[1] + row[2], 1, 1e-12);
    }
    EXPECT_GT(*result.scores.metric("accuracy").value, 0.6);
    EXPECT_GT(*result.scores.metric("balanced-accuracy").value, 0.6);
    EXPECT_LT(*result.scores.metric("log-loss").value, std::log(3.0));
    EXPECT_FALSE(result.scores.classes[0].threshold);
}

TEST(Probe, RegressionBeatsTheMeanByAPairedComparison) {
    const Problem problem = make_problem(TaskKind::regression);
    const TaskResult probe = run(problem);
    const TaskResult mean = mean_baseline(problem.rows, problem.task, problem.targets);
    EXPECT_NEAR(*probe.scores.metric("mae").value, 0.8, 0.2);  // √(2/π) of the noise
    EXPECT_GT(*probe.scores.metric("r2").value, 0.9);
    EXPECT_NEAR(*mean.scores.metric("r2").value, 0, 0.05);
    EXPECT_FALSE(mean.scores.metric("pearson").value);
    const auto comparisons = compare_with(mean.scores, {&probe.scores, &mean.scores}, "mae");
    ASSERT_EQ(comparisons.size(), 2U);
    EXPECT_LT(*comparisons[0].difference.interval.high, 0);
    EXPECT_NEAR(*comparisons[0].adjusted_p, 4.0 / 1001, 1e-12);  // the least possible, twice
    EXPECT_EQ(*comparisons[1].adjusted_p, 1);
}

TEST(Probe, AClassThatTrainingLacksScoresItsPrevalence) {
    Problem problem = make_problem(TaskKind::multi_label);
    for (std::size_t i = 0; i < 600; ++i) {
        if (problem.rows.splits[i] == "train") problem.targets.indicators[3 * i + 2] = 0;
    }
    const TaskResult result = run(problem);
    EXPECT_EQ(result.unlearnt_classes, std::vector<std::string>{"C"});
    for (std::size_t i = 0; i < 600; ++i) EXPECT_EQ(result.predictions.at(i, 2), 0);
    EXPECT_EQ(*result.scores.classes[2].auroc.value, 0.5);
    EXPECT_EQ(result.scores.classes[2].train_positives, 0U);
    EXPECT_GT(*result.scores.classes[0].auroc.value, 0.8);
}

TEST(Probe, AClassThatTheTestLacksIsDroppedAndCounted) {
    Problem problem = make_problem(TaskKind::multi_label);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < 600; ++i) {
        if (problem.rows.splits[i] != "test") continue;
        problem.targets.indicators[3 * i] = 0;
        char& rare = problem.targets.indicators[3 * i + 1];
        if (rare == 1 && ++kept > 2) rare = 0;  // two positives: too few for the second macro
    }
    ProbeOptions options;
    const TaskResult dropped = run(problem, options);
    const auto& classes = dropped.scores.classes;
    EXPECT_FALSE(classes[0].auroc.value);
    EXPECT_EQ(classes[0].auroc.interval.unscored, 1000U);
    const MetricResult& macro = dropped.scores.metric("macro-auroc");
    EXPECT_EQ(macro.classes, 2U);
    EXPECT_EQ(macro.dropped, 1U);
    EXPECT_NEAR(*macro.value, (*classes[1].auroc.value + *classes[2].auroc.value) / 2, 1e-12);
    // Two positives are missed by about exp(−2) of the resamples, as are both of one patient by
    // more.
    EXPECT_GT(macro.incomplete_resamples, 80U);
    EXPECT_EQ(macro.incomplete_resamples, classes[1].auroc.interval.unscored);
    EXPECT_EQ(*dropped.scores.metric("macro-auroc-10").value, *classes[2].auroc.value);
    EXPECT_EQ(dropped.scores.metric("macro-auroc-10").dropped, 2U);

    options.scoring.absent = AbsentClass::half;
    const TaskResult half = run(problem, options);
    EXPECT_NEAR(*half.scores.metric("macro-auroc").value, (2 * *macro.value + 0.5) / 3, 1e-12);
    options.scoring.absent = AbsentClass::redraw;
    const TaskResult redrawn = run(problem, options);
    EXPECT_EQ(redrawn.scores.metric("macro-auroc").incomplete_resamples, 0U);
    EXPECT_EQ(*redrawn.scores.metric("macro-auroc").value, *macro.value);
}

TEST(Probe, RowsWithoutAnAnswerAreLeftOut) {
    Problem problem = make_problem(TaskKind::regression);
    for (std::size_t i = 0; i < 600; i += 3) {
        problem.targets.known[i] = 0;
        problem.targets.values[i] = std::nan("");
    }
    const TaskResult result = run(problem);
    EXPECT_EQ(result.fitted_rows, answered_rows(problem.rows, problem.targets, "train").size());
    EXPECT_LT(result.scores.test_rows, 120U);
    EXPECT_TRUE(std::isfinite(*result.scores.metric("mae").value));
}

TEST(Probe, SmallerFractionsOfTheTrainingPatientsAreNested) {
    const Problem problem = make_problem(TaskKind::regression);
    ProbeOptions options;
    options.train_fraction = 0.1;
    const TaskResult tenth = run(problem, options);
    EXPECT_EQ(tenth.fitted_rows, 36U);  // 18 of 180 patients, two rows each
    EXPECT_EQ(run(problem, options).predictions.values, tenth.predictions.values);
    options.seed = 1;
    EXPECT_NE(run(problem, options).predictions.values, tenth.predictions.values);
    options.train_fraction = 0;
    EXPECT_THROW(run(problem, options), InputError);
}

TEST(Probe, DoesNotDependOnTheNumberOfThreads) {
    const Problem problem = make_problem(TaskKind::multi_class);
    ProbeOptions one;
    one.threads = one.scoring.bootstrap.threads = 1;
    ProbeOptions three;
    three.threads = three.scoring.bootstrap.threads = 3;
    const TaskResult a = run(problem, one);
    const TaskResult b = run(problem, three);
    EXPECT_EQ(a.predictions.values, b.predictions.values);
    EXPECT_EQ(a.scores.metric("macro-auroc").interval.low,
              b.scores.metric("macro-auroc").interval.low);
}

TEST(Probe, SaysWhatIsWrongWithTheInput) {
    const auto message_of = [](const Problem& problem) -> std::string {
        try {
            run(problem);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    Problem shared = make_problem(TaskKind::regression);
    shared.rows.patients[0] = "p4";  // a test patient
    EXPECT_NE(message_of(shared).find("patient 'p4'"), std::string::npos);
    Problem no_validation = make_problem(TaskKind::regression);
    for (auto& split : no_validation.rows.splits) {
        if (split == "val") split = "";
    }
    EXPECT_NE(message_of(no_validation).find("split 'val'"), std::string::npos);
    Problem broken = make_problem(TaskKind::regression);
    broken.embeddings.at(17, 3) = std::nanf("");
    EXPECT_NE(message_of(broken).find("'r17'"), std::string::npos);
    Problem fewer = make_problem(TaskKind::regression);
    fewer.embeddings = FloatMatrix(5, 12);
    EXPECT_NE(message_of(fewer).find("5 embeddings for 600 rows"), std::string::npos);
    Problem empty_class = make_problem(TaskKind::multi_label);
    std::fill(empty_class.targets.indicators.begin(), empty_class.targets.indicators.end(), 0);
    EXPECT_NE(message_of(empty_class).find("no class of task"), std::string::npos);
}

TEST(Probe, ComparisonsNeedTheSameRowsAndResamples) {
    const Problem problem = make_problem(TaskKind::regression);
    const TaskResult a = mean_baseline(problem.rows, problem.task, problem.targets);
    ScoringOptions other;
    other.bootstrap.seed = 5;
    const TaskResult b = mean_baseline(problem.rows, problem.task, problem.targets, other);
    EXPECT_THROW(compare_with(a.scores, {&b.scores}, "mae"), InputError);
    Problem fewer = problem;
    fewer.targets.known[8] = 0;  // a test row
    const TaskResult c = mean_baseline(fewer.rows, fewer.task, fewer.targets);
    EXPECT_THROW(compare_with(a.scores, {&c.scores}, "mae"), InputError);
    EXPECT_THROW(a.scores.metric("auroc"), InputError);
}

}  // namespace
}  // namespace clef
