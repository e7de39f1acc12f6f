// Curves, calibration and rank statistics against scikit-learn's and SciPy's (make_curves.py).
#include "evaluation/curves.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/fixture.hpp"
#include "evaluation/rank_statistics.hpp"

namespace clef {
namespace {

using testing::curves;

void expect_same(const std::vector<double>& found, const nlohmann::json& expected,
                 const std::string& what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i], expected[i].get<double>(), 1e-12) << what << " " << i;
    }
}

TEST(Curves, AreThoseOfScikitLearn) {
    ASSERT_EQ(curves()["curves"].size(), 5U);
    for (const auto& example : curves()["curves"]) {
        const auto name = example["name"].get<std::string>();
        const auto scores = example["scores"].get<std::vector<double>>();
        const auto labels = example["labels"].get<std::vector<Label>>();
        const auto weights = example["weights"].get<std::vector<std::uint32_t>>();
        const Curve roc = roc_curve(scores, labels, weights);
        expect_same(roc.x, example["fpr"], name + ": false positives");
        expect_same(roc.y, example["tpr"], name + ": true positives");
        const Curve precision = precision_recall_curve(scores, labels, weights);
        expect_same(precision.x, example["recall"], name + ": recall");
        expect_same(precision.y, example["precision"], name + ": precision");
        std::vector<double> mean, fraction;
        const auto bins = calibration_curve(scores, labels, weights);
        for (const CalibrationBin& bin : bins) {
            mean.push_back(bin.mean_probability);
            fraction.push_back(bin.positive_fraction);
        }
        expect_same(mean, example["mean"], name + ": mean probability");
        expect_same(fraction, example["fraction"], name + ": fraction of positives");
        EXPECT_NEAR(*calibration_error(bins), example["error"].get<double>(), 1e-12) << name;
    }
}

TEST(Curves, TheAreaUnderTheRocCurveIsTheAuroc) {
    Random random(8, "area");
    std::vector<double> scores;
    std::vector<Label> labels;
    for (int i = 0; i < 200; ++i) {
        scores.push_back(std::round(random.normal() * 5));
        labels.push_back(static_cast<Label>(static_cast<int>(random.below(3)) - 1));
    }
    const Curve roc = roc_curve(scores, labels);
    double area = 0;
    for (std::size_t i = 1; i < roc.x.size(); ++i) {
        area += (roc.x[i] - roc.x[i - 1]) * (roc.y[i] + roc.y[i - 1]) / 2;
    }
    EXPECT_NEAR(area, *RankedScores(scores, labels).evaluate().auroc, 1e-12);
}

TEST(Curves, NothingWhereThereIsNothingToDraw) {
    const std::vector<double> scores = {0.2, 0.8};
    EXPECT_TRUE(roc_curve(scores, std::vector<Label>{1, 1}).x.empty());
    EXPECT_TRUE(precision_recall_curve(scores, std::vector<Label>{0, -1}).x.empty());
    EXPECT_TRUE(calibration_curve(scores, std::vector<Label>{-1, -1}).empty());
    EXPECT_FALSE(calibration_error({}));
    const std::vector<double> broken = {0.2, std::nan("")};
    EXPECT_THROW(roc_curve(broken, std::vector<Label>{1, 0}), InputError);
    EXPECT_THROW(calibration_curve(broken, std::vector<Label>{1, 0}), InputError);
}

TEST(Ranks, FriedmanIsSciPys) {
    const auto& example = curves()["ranks"];
    const auto result = compare_ranks(testing::matrix_of<double>(example["table"]));
    expect_same(result.ranks, example["ranks"], "ranks");
    EXPECT_NEAR(result.chi_squared, example["chi_squared"].get<double>(), 1e-10);
    EXPECT_NEAR(result.p_value, example["p"].get<double>(), 1e-12);
    for (const auto& [x, degrees, tail] :
         example["tails"].get<std::vector<std::tuple<double, double, double>>>()) {
        EXPECT_NEAR(chi_squared_tail(x, degrees), tail, 1e-12 + 1e-10 * tail);
    }
    EXPECT_EQ(chi_squared_tail(0, 3), 1);
}

TEST(Ranks, NemenyisQuantilesAreSciPysAndDemsars) {
    for (const auto& [groups, tail, quantile] :
         curves()["ranks"]["studentized"].get<std::vector<std::tuple<int, double, double>>>()) {
        EXPECT_NEAR(studentized_range_quantile(static_cast<std::size_t>(groups), tail), quantile,
                    1e-4)
            << groups << " " << tail;
    }
    // Demšar 2006, table 5 (a), α = 0.05.
    const double published[] = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    for (std::size_t k = 2; k <= 10; ++k) {
        EXPECT_NEAR(studentized_range_quantile(k, 0.05) / std::sqrt(2.0), published[k - 2], 1e-3);
    }
}

TEST(Ranks, GroupsAreTheLongestRunsWithinTheDifference) {
    RankComparison comparison;
    comparison.ranks = {3.0, 1.0, 1.4, 2.2};
    comparison.critical_difference = 0.9;
    const auto groups = indistinct_groups(comparison);
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0], (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(groups[1], (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(groups[2], (std::vector<std::size_t>{3, 0}));
    comparison.critical_difference = 5;
    EXPECT_EQ(indistinct_groups(comparison).size(), 1U);
    comparison.critical_difference = 0.1;
    EXPECT_TRUE(indistinct_groups(comparison).empty());
}

TEST(Ranks, WhollyTiedMethodsAreNotToldApart) {
    const auto result = compare_ranks(Matrix(5, 3, 0.7));
    EXPECT_EQ(result.ranks, (std::vector<double>{2, 2, 2}));
    EXPECT_EQ(result.p_value, 1);
    EXPECT_THROW(compare_ranks(Matrix(1, 3)), InputError);
    EXPECT_THROW(compare_ranks(Matrix(3, 1)), InputError);
}

}  // namespace
}  // namespace clef
