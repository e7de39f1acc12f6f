#include "evaluation/metrics.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/fixture.hpp"

namespace clef {
namespace {

using testing::scikit_learn;

void expect_same(std::optional<double> actual, std::optional<double> expected,
                 const std::string& what) {
    ASSERT_EQ(actual.has_value(), expected.has_value()) << what;
    EXPECT_NEAR(actual.value_or(0), expected.value_or(0), 1e-12) << what;
}

TEST(Metrics, BinaryMetricsAreThoseOfScikitLearn) {
    ASSERT_GE(scikit_learn()["binary"].size(), 11U);
    for (const auto& example : scikit_learn()["binary"]) {
        const auto name = example["name"].get<std::string>();
        const auto scores = example["scores"].get<std::vector<double>>();
        const auto labels = example["labels"].get<std::vector<Label>>();
        const auto weights = example["weights"].get<std::vector<std::uint32_t>>();
        const RankingResult ranking = RankedScores(scores, labels).evaluate(weights);
        expect_same(ranking.auroc, testing::number_or_nothing(example["auroc"]), name + ": AUROC");
        expect_same(ranking.average_precision,
                    testing::number_or_nothing(example["average_precision"]), name + ": AP");
        const Confusion counts = confusion(scores, labels, 0.5, weights);
        EXPECT_NEAR(counts.f1().value_or(0), example["f1"].get<double>(), 1e-12) << name;
        expect_same(counts.balanced_accuracy(),
                    testing::number_or_nothing(example["balanced_accuracy"]), name + ": balanced");
        expect_same(log_loss(scores, labels, weights), example["log_loss"].get<double>(),
                    name + ": log-loss");
        expect_same(brier_score(scores, labels, weights), example["brier"].get<double>(),
                    name + ": Brier");
    }
}

TEST(Metrics, MulticlassMetricsAreThoseOfScikitLearn) {
    const auto& example = scikit_learn()["multiclass"];
    const auto predicted = most_probable(testing::matrix_of<double>(example["probabilities"]));
    const auto truth = example["truth"].get<std::vector<int>>();
    const auto weights = example["weights"].get<std::vector<std::uint32_t>>();
    const MulticlassMetrics result = multiclass_metrics(predicted, truth, 4, weights);
    expect_same(result.accuracy, example["accuracy"].get<double>(), "accuracy");
    expect_same(result.balanced_accuracy, example["balanced_accuracy"].get<double>(), "balanced");
    expect_same(result.macro_f1, example["macro_f1"].get<double>(), "F1");
}

TEST(Metrics, RegressionMetricsAreThoseOfScikitLearnAndSciPy) {
    const auto& example = scikit_learn()["regression"];
    const auto result = regression_metrics(example["predicted"].get<std::vector<double>>(),
                                           example["truth"].get<std::vector<double>>(),
                                           example["weights"].get<std::vector<std::uint32_t>>());
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->mean_absolute_error, example["mae"].get<double>(), 1e-11);
    EXPECT_NEAR(result->root_mean_squared_error, example["rmse"].get<double>(), 1e-11);
    expect_same(result->r_squared, example["r2"].get<double>(), "R²");
    expect_same(result->pearson, example["pearson"].get<double>(), "Pearson");
}

TEST(Metrics, ConstantTargetsHaveNoRSquaredAndConstantPredictionsNoCorrelation) {
    const std::vector<double> constant(7, 0.1);
    const std::vector<double> varied = {1, 2, 3, 4, 5, 6, 7};
    EXPECT_FALSE(regression_metrics(varied, constant)->r_squared);
    EXPECT_FALSE(regression_metrics(constant, varied)->pearson);
    // The mean as a prediction explains nothing.
    EXPECT_NEAR(*regression_metrics(std::vector<double>(7, 4), varied)->r_squared, 0, 1e-12);
}

TEST(Metrics, RankingMatchesCountingEveryPair) {
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        Random random(1, "ranking", 0, trial);
        const std::size_t n = 1 + random.below(30);
        std::vector<double> scores(n);
        std::vector<Label> labels(n);
        std::vector<std::uint32_t> weights(n);
        for (std::size_t i = 0; i < n; ++i) {
            scores[i] = static_cast<double>(random.below(6));
            labels[i] = static_cast<Label>(static_cast<int>(random.below(3)) - 1);
            weights[i] = static_cast<std::uint32_t>(random.below(4));
        }
        double pairs = 0;
        double won = 0;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                if (labels[i] != 1 || labels[j] != 0) continue;
                const double weight = static_cast<double>(weights[i]) * weights[j];
                pairs += weight;
                won += weight * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0);
            }
        }
        const auto auroc = RankedScores(scores, labels).evaluate(weights).auroc;
        expect_same(auroc, pairs > 0 ? std::optional<double>(won / pairs) : std::nullopt, "pairs");
    }
}

TEST(Metrics, AWeightIsTheSameAsRepeatingTheRow) {
    Random random(2, "expanded");
    std::vector<double> scores, long_scores;
    std::vector<Label> labels, long_labels;
    std::vector<std::uint32_t> weights;
    for (int i = 0; i < 300; ++i) {
        scores.push_back(std::round(random.normal() * 4) / 4);
        labels.push_back(random.chance(0.3) ? 1 : 0);
        weights.push_back(static_cast<std::uint32_t>(random.below(4)));
        long_scores.insert(long_scores.end(), weights.back(), scores.back());
        long_labels.insert(long_labels.end(), weights.back(), labels.back());
    }
    const auto weighted = RankedScores(scores, labels).evaluate(weights);
    const auto expanded = RankedScores(long_scores, long_labels).evaluate();
    EXPECT_EQ(weighted.positives, expanded.positives);
    EXPECT_NEAR(*weighted.auroc, *expanded.auroc, 1e-12);
    EXPECT_NEAR(*weighted.average_precision, *expanded.average_precision, 1e-12);
}

TEST(Metrics, TheThresholdIsTheOneOfHighestF1) {
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
        Random random(3, "threshold", 0, trial);
        std::vector<double> scores(25);
        std::vector<Label> labels(25);
        for (std::size_t i = 0; i < 25; ++i) {
            scores[i] = static_cast<double>(random.below(10)) / 10;
            labels[i] = random.chance(0.4) ? 1 : 0;
        }
        const auto threshold = best_f1_threshold(scores, labels);
        ASSERT_TRUE(threshold);
        double best = 0;
        for (int k = 0; k < 10; ++k) {
            best = std::max(best, confusion(scores, labels, k / 10.0).f1().value_or(0));
        }
        EXPECT_DOUBLE_EQ(*confusion(scores, labels, *threshold).f1(), best);
    }
    EXPECT_FALSE(best_f1_threshold(std::vector<double>{1, 2}, std::vector<Label>{0, -1}));
}

TEST(Metrics, RefuseNaNScoresUnlessTheLabelIsUnknown) {
    const std::vector<double> scores = {0.1, std::nan(""), 0.9};
    EXPECT_THROW(RankedScores(scores, std::vector<Label>{0, 1, 1}), InputError);
    EXPECT_THROW(log_loss(scores, std::vector<Label>{0, 1, 1}), InputError);
    EXPECT_EQ(RankedScores(scores, std::vector<Label>{0, -1, 1}).evaluate().auroc, 1.0);
    EXPECT_THROW(regression_metrics(scores, std::vector<double>{1, 2, 3}), InputError);
}

TEST(Metrics, MacroMeanDropsOrHalvesAbsentClasses) {
    const std::vector<std::optional<double>> classes = {0.9, std::nullopt, 0.7};
    const Macro dropped = macro_mean(classes);
    EXPECT_DOUBLE_EQ(*dropped.value, 0.8);
    EXPECT_EQ(dropped.classes, 2U);
    EXPECT_EQ(dropped.dropped, 1U);
    const Macro halved = macro_mean(classes, AbsentClass::half);
    EXPECT_DOUBLE_EQ(*halved.value, 0.7);
    EXPECT_EQ(halved.dropped, 0U);
    EXPECT_FALSE(macro_mean(std::vector<std::optional<double>>(2)).value);
    EXPECT_EQ(absent_class_from("redraw"), AbsentClass::redraw);
    EXPECT_THROW(absent_class_from("halve"), InputError);
}

TEST(Metrics, SpreadOfSeveralSeeds) {
    const Spread result = spread(std::vector<double>{1, 2, 3, 6});
    EXPECT_DOUBLE_EQ(result.mean, 3);
    EXPECT_NEAR(*result.deviation, 2.1602468994692867, 1e-15);
    EXPECT_EQ(result.minimum, 1);
    EXPECT_EQ(result.maximum, 6);
    EXPECT_FALSE(spread(std::vector<double>{1}).deviation);
}

}  // namespace
}  // namespace clef
