#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/fixture.hpp"
#include "evaluation/logistic.hpp"
#include "evaluation/ridge.hpp"

namespace clef {
namespace {

using testing::matrix_of;
using testing::scikit_learn;

// Of each coefficient, relative to the largest (or to 1 where all are small).
double worst_difference(const std::vector<double>& actual, const std::vector<double>& expected) {
    double scale = 1;
    double worst = 0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
        scale = std::max(scale, std::abs(expected[k]));
        worst = std::max(worst, std::abs(actual.at(k) - expected[k]));
    }
    return worst / scale;
}

TEST(Logistic, CoefficientsAreThoseOfScikitLearn) {
    for (const auto& example : scikit_learn()["linear"]) {
        const LogisticProblem problem(matrix_of<double>(example["features"]));
        const auto labels = example["labels"].get<std::vector<Label>>();
        for (const auto& expected : example["logistic"]) {
            const LogisticModel model =
                problem.fit(labels, expected["c"].get<double>(), expected["balanced"].get<bool>());
            EXPECT_TRUE(model.converged);
            auto coefficients = model.weights;
            auto answer = expected["weights"].get<std::vector<double>>();
            EXPECT_LT(worst_difference(coefficients, answer), 1e-4)
                << example["name"] << " C " << expected["c"];
            EXPECT_NEAR(model.intercept, expected["intercept"].get<double>(),
                        1e-3 * std::max(1.0, std::abs(model.intercept)));
        }
    }
}

TEST(Logistic, TheGradientVanishesAtTheFit) {
    // The definition itself: w = C Σ sᵢ yᵢ xᵢ σ(−margin), and Σ sᵢ yᵢ σ(−margin) = 0.
    Random random(4, "logistic");
    Matrix features(300, 40);
    std::vector<Label> labels(300);
    for (std::size_t i = 0; i < 300; ++i) {
        for (double& value : features.row(i)) value = random.normal(3, 2);
        labels[i] = random.chance(features.at(i, 0) > 4 ? 0.8 : 0.1) ? 1 : 0;
    }
    const LogisticModel model = LogisticProblem(features).fit(labels, 10, false);
    ASSERT_TRUE(model.converged);
    std::vector<double> residual = model.weights;
    double intercept_residual = 0;
    for (std::size_t i = 0; i < 300; ++i) {
        const double error = labels[i] - model.probability(features.row(i));
        intercept_residual += 10 * error;
        for (std::size_t k = 0; k < 40; ++k) residual[k] -= 10 * error * features.at(i, k);
    }
    EXPECT_NEAR(intercept_residual, 0, 1e-2);
    for (const double value : residual) EXPECT_NEAR(value, 0, 5e-2);  // of terms up to 1e4
}

TEST(Logistic, UnknownRowsDoNotCountAndAPathEqualsSingleFits) {
    Random random(5, "logistic");
    Matrix features(80, 6);
    std::vector<Label> labels(80);
    for (std::size_t i = 0; i < 80; ++i) {
        for (double& value : features.row(i)) value = random.normal();
        labels[i] = static_cast<Label>(i % 4 == 3 ? -1 : features.at(i, 1) + random.normal() > 0);
    }
    Matrix known(60, 6);
    std::vector<Label> known_labels;
    for (std::size_t i = 0; i < 80; ++i) {
        if (labels[i] < 0) continue;
        std::copy_n(features.row(i).begin(), 6, known.row(known_labels.size()).begin());
        known_labels.push_back(labels[i]);
    }
    const LogisticProblem problem(features);
    const std::vector<double> grid = {0.01, 0.1, 1, 10};
    const auto path = problem.fit_path(labels, grid, true);
    for (std::size_t k = 0; k < grid.size(); ++k) {
        const auto single = LogisticProblem(known).fit(known_labels, grid[k], true);
        EXPECT_LT(worst_difference(path[k].weights, single.weights), 1e-4);
        EXPECT_NEAR(path[k].intercept, single.intercept, 1e-4);
    }
}

TEST(Logistic, SeparableAndConstantFeaturesStayFinite) {
    Matrix features(20, 3);
    std::vector<Label> labels(20);
    for (std::size_t i = 0; i < 20; ++i) {
        features.at(i, 0) = i < 10 ? -1000 : 1000;
        features.at(i, 1) = 7;
        labels[i] = i < 10 ? 0 : 1;
    }
    const LogisticModel model = LogisticProblem(features).fit(labels, 10, false);
    EXPECT_GT(model.probability(features.row(19)), 0.99);
    EXPECT_NEAR(model.weights[1], 0, 1e-12);
    EXPECT_TRUE(std::isfinite(model.intercept));
}

TEST(Logistic, RefusesWhatHasNoOptimum) {
    Matrix features(3, 1);
    EXPECT_THROW(LogisticProblem(features).fit(std::vector<Label>{1, 1, -1}, 1, false), InputError);
    EXPECT_THROW(LogisticProblem(features).fit(std::vector<Label>{1, 0, 0}, 0, false), InputError);
    features.at(1, 0) = std::nan("");
    EXPECT_THROW(LogisticProblem{features}, InputError);
    EXPECT_THROW(LogisticProblem{Matrix{}}, InputError);
}

TEST(Ridge, CoefficientsAreThoseOfScikitLearn) {
    for (const auto& example : scikit_learn()["linear"]) {
        const auto targets = example["targets"].get<std::vector<double>>();
        const RidgeProblem problem(matrix_of<double>(example["features"]), targets);
        for (const auto& expected : example["ridge"]) {
            const RidgeModel model = problem.fit(expected["alpha"].get<double>());
            EXPECT_LT(
                worst_difference(model.weights, expected["weights"].get<std::vector<double>>()),
                1e-9);
            EXPECT_NEAR(model.intercept, expected["intercept"].get<double>(), 1e-8);
        }
    }
}

TEST(Ridge, RefusesNonFiniteTargets) {
    EXPECT_THROW(RidgeProblem(Matrix(2, 1), std::vector<double>{1, std::nan("")}), InputError);
    EXPECT_THROW(RidgeProblem(Matrix(2, 1), std::vector<double>{1, 2}).fit(0), InputError);
}

}  // namespace
}  // namespace clef
