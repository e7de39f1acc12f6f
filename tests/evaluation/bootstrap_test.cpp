#include "evaluation/bootstrap.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/metrics.hpp"

namespace clef {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct Sample {
    std::vector<std::string> patients;
    std::vector<double> scores;
    std::vector<Label> labels;
};

Sample make_sample(std::size_t rows) {
    Random random(6, "sample");
    Sample sample;
    for (std::size_t i = 0; i < rows; ++i) {
        sample.patients.push_back(fmt::format("p{}", i / 3));
        sample.labels.push_back(random.chance(0.3) ? 1 : 0);
        sample.scores.push_back(std::round(4 * random.normal(sample.labels.back(), 1)) / 4);
    }
    return sample;
}

TEST(Bootstrap, EqualsCopyingTheRowsOfDrawnPatientsAndScoringTheCopy) {
    const Sample sample = make_sample(90);
    const RankedScores ranked(sample.scores, sample.labels);
    BootstrapOptions options;
    options.resamples = 50;
    options.seed = 9;
    const Bootstrap result = bootstrap(
        sample.patients, 1,
        [&](Weights weights, std::span<double> values) {
            values[0] = ranked.evaluate(weights).auroc.value_or(nothing);
        },
        options);
    for (std::size_t r = 0; r < 50; ++r) {
        Random random(9, "bootstrap", 0, r);
        std::vector<double> scores;
        std::vector<Label> labels;
        for (int draw = 0; draw < 30; ++draw) {
            const auto patient = random.below(30);
            for (std::size_t i = 3 * patient; i < 3 * patient + 3; ++i) {
                scores.push_back(sample.scores[i]);
                labels.push_back(sample.labels[i]);
            }
        }
        EXPECT_NEAR(result.draws.at(r, 0), *RankedScores(scores, labels).evaluate().auroc, 1e-12);
    }
    EXPECT_DOUBLE_EQ(result.estimates[0], *ranked.evaluate().auroc);
}

TEST(Bootstrap, DoesNotDependOnTheNumberOfThreads) {
    const Sample sample = make_sample(60);
    const RankedScores ranked(sample.scores, sample.labels);
    const auto statistic = [&](Weights weights, std::span<double> values) {
        values[0] = ranked.evaluate(weights).auroc.value_or(nothing);
    };
    BootstrapOptions one;
    one.threads = 1;
    BootstrapOptions four;
    four.threads = 4;
    EXPECT_EQ(bootstrap(sample.patients, 1, statistic, one).draws.values,
              bootstrap(sample.patients, 1, statistic, four).draws.values);
}

TEST(Bootstrap, CountsWhatCannotBeScoredAndRedrawsOnRequest) {
    // One positive among eight patients: (7/8)^8 = 34 % of the resamples miss it.
    const std::vector<std::string> patients = {"a", "b", "c", "d", "e", "f", "g", "h"};
    const std::vector<double> scores = {1, 2, 3, 4, 5, 6, 7, 8};
    const std::vector<Label> labels = {0, 0, 0, 0, 0, 1, 0, 0};
    const RankedScores ranked(scores, labels);
    const auto statistic = [&](Weights weights, std::span<double> values) {
        values[0] = ranked.evaluate(weights).auroc.value_or(nothing);
        values[1] = nothing;  // a value that nothing can score is no reason to draw again
    };
    BootstrapOptions options;
    const Bootstrap plain = bootstrap(patients, 2, statistic, options);
    const Interval interval = percentile_interval(plain.draws.column(0));
    EXPECT_EQ(interval.resamples, 1000U);
    EXPECT_NEAR(static_cast<double>(interval.unscored), 343.6, 60);  // 4 standard deviations
    const Interval none = percentile_interval(plain.draws.column(1));
    EXPECT_EQ(none.unscored, 1000U);
    EXPECT_FALSE(none.low);
    options.redraws = 100;
    const Bootstrap redrawn = bootstrap(patients, 2, statistic, options);
    EXPECT_EQ(percentile_interval(redrawn.draws.column(0)).unscored, 0U);
}

TEST(Bootstrap, IntervalOfAMeanIsNearTheTextbookOne) {
    Random random(7, "mean");
    std::vector<std::string> patients;
    std::vector<double> values;
    for (int i = 0; i < 400; ++i) {
        patients.push_back(std::to_string(i));
        values.push_back(random.normal(10, 2));
    }
    const Bootstrap result = bootstrap(patients, 1, [&](Weights weights, std::span<double> out) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            sum += (weights.empty() ? 1.0 : weights[i]) * values[i];
        }
        out[0] = sum / 400;
    });
    const Interval interval = percentile_interval(result.draws.column(0));
    EXPECT_NEAR(*interval.low, result.estimates[0] - 1.96 * 0.1, 0.03);
    EXPECT_NEAR(*interval.high, result.estimates[0] + 1.96 * 0.1, 0.03);
}

TEST(Bootstrap, PercentilesAreThoseOfNumPy) {
    // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [2.5, 97.5])
    const Interval interval =
        percentile_interval(std::vector<double>{3, 1, 4, 1, 5, 9, nothing, 2, 6});
    EXPECT_NEAR(*interval.low, 1.0, 1e-12);
    EXPECT_NEAR(*interval.high, 8.475, 1e-12);
    EXPECT_EQ(interval.unscored, 1U);
}

TEST(Bootstrap, PairedDifferenceUsesTheSameResamplesOfBoth) {
    std::vector<double> a(1000), b(1000);
    Random random(8, "pairs");
    for (std::size_t r = 0; r < 1000; ++r) {
        b[r] = random.normal(0.8, 0.05);
        a[r] = b[r] + 0.01 + random.normal(0, 0.001);  // far nearer than either is to itself
    }
    const PairedDifference result = paired_difference(0.81, 0.80, a, b);
    EXPECT_NEAR(result.difference, 0.01, 1e-12);
    EXPECT_NEAR(*result.interval.low, 0.008, 5e-4);
    EXPECT_NEAR(*result.interval.high, 0.012, 5e-4);
    EXPECT_NEAR(*result.p_value, 2.0 / 1001, 1e-12);
    EXPECT_EQ(*paired_difference(0.8, 0.8, a, a).p_value, 1.0);
    a[3] = nothing;
    EXPECT_EQ(paired_difference(0.81, 0.80, a, b).interval.unscored, 1U);
    // 100 of 1,000 at or below zero: 2 · 101 / 1001
    std::vector<double> zero(1000, 0), mixed(1000, 1);
    std::fill_n(mixed.begin(), 100, -1.0);
    EXPECT_NEAR(*paired_difference(1, 0, mixed, zero).p_value, 202.0 / 1001, 1e-12);
}

TEST(Bootstrap, HolmStepsDown) {
    // Smallest × 4 = 0.02, then 0.01 × 3 = 0.03, then 0.03 × 2 = 0.06, and 0.04 may not fall below.
    const auto adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
    const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(adjusted[k], expected[k], 1e-12);
    EXPECT_EQ(holm(std::vector<double>{0.9, 0.8}), (std::vector<double>{1, 1}));
    EXPECT_TRUE(holm({}).empty());
}

TEST(Bootstrap, RefusesNoRows) {
    EXPECT_THROW(bootstrap({}, 1, [](Weights, std::span<double>) {}), InputError);
}

}  // namespace
}  // namespace clef
