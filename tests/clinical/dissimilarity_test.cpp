#include "clinical/dissimilarity.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "base/random.hpp"

namespace clef {

namespace {

const double nan = std::nan("");

struct Batch {
    std::vector<double> risk;
    std::vector<double> missing;
};

// Some risks missing, some equal, missing fractions in sixths.
Batch random_batch(std::uint64_t sample, std::size_t n) {
    Random random(21, "pair weights", 0, sample);
    Batch batch;
    for (std::size_t i = 0; i < n; ++i) {
        batch.risk.push_back(random.chance(0.2) ? nan : std::round(random.uniform() * 20) / 40);
        batch.missing.push_back(static_cast<double>(random.below(7)) / 6);
    }
    return batch;
}

// D as the paper writes it: squared differences, min–max over the batch's pairs, floored at α.
std::vector<std::vector<double>> slow_dissimilarity(const std::vector<double>& risk, double alpha) {
    const std::size_t n = risk.size();
    std::vector<std::vector<double>> d(n, std::vector<double>(n));
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {
            d[i][k] = std::pow(risk[i] - risk[k], 2);
            if (std::isnan(d[i][k])) continue;
            low = std::min(low, d[i][k]);
            high = std::max(high, d[i][k]);
        }
    }
    for (auto& row : d) {
        for (double& value : row) value = (1 - alpha) * (value - low) / (high - low) + alpha;
    }
    return d;
}

bool is_plain(const PairWeights& weights) {
    return std::all_of(weights.weight.begin(), weights.weight.end(),
                       [](double w) { return w == 1; }) &&
           std::all_of(weights.known.begin(), weights.known.end(), [](double k) { return k == 0; });
}

}  // namespace

TEST(PairWeights, PaperAndInterpolatedAgreeWithTheFormulas) {
    for (std::uint64_t sample = 0; sample < 40; ++sample) {
        const std::size_t n = 9;
        const Batch batch = random_batch(sample, n);
        for (const double alpha : {0.0, 0.2, 0.5}) {
            const auto d = slow_dissimilarity(batch.risk, alpha);
            const auto paper =
                pair_weights(batch.risk, batch.missing, {PairForm::paper, alpha, true});
            const auto bare =
                pair_weights(batch.risk, batch.missing, {PairForm::paper, alpha, false});
            const auto mixed =
                pair_weights(batch.risk, batch.missing, {PairForm::interpolated, alpha, true});
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t k = 0; k < n; ++k) {
                    if (i == k) continue;
                    const std::size_t at = i * n + k;
                    const bool known = !std::isnan(d[i][k]);
                    const double both = (1 - batch.missing[i]) * (1 - batch.missing[k]);
                    EXPECT_NEAR(paper.weight[at], known ? d[i][k] * std::exp(-both) : 1, 1e-12);
                    EXPECT_NEAR(bare.weight[at], known ? d[i][k] : 1, 1e-12);
                    EXPECT_NEAR(mixed.weight[at], known ? both * d[i][k] + 1 - both : 1, 1e-12);
                    EXPECT_EQ(paper.known[at], known ? 1 : 0);
                    if (known) {
                        EXPECT_NEAR(paper.similarity[at], 1 - paper.weight[at], 1e-12);
                    }
                }
            }
        }
    }
}

TEST(PairWeights, SymmetricBoundedAndOfThePatientsNotTheirOrder) {
    for (std::uint64_t sample = 0; sample < 40; ++sample) {
        const std::size_t n = 8;
        const Batch batch = random_batch(sample, n);
        Batch reversed = batch;
        std::reverse(reversed.risk.begin(), reversed.risk.end());
        std::reverse(reversed.missing.begin(), reversed.missing.end());
        for (const PairForm form : {PairForm::paper, PairForm::interpolated}) {
            const auto w = pair_weights(batch.risk, batch.missing, {form, 0.2, true});
            const auto r = pair_weights(reversed.risk, reversed.missing, {form, 0.2, true});
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t k = 0; k < n; ++k) {
                    EXPECT_EQ(w.weight[i * n + k], w.weight[k * n + i]);
                    EXPECT_EQ(w.weight[i * n + k], r.weight[(n - 1 - i) * n + (n - 1 - k)]);
                    EXPECT_GE(w.weight[i * n + k], 0.2 * std::exp(-1) - 1e-15);
                    EXPECT_LE(w.weight[i * n + k], 1 + 1e-15);
                }
            }
        }
    }
}

TEST(PairWeights, EqualOrMissingRisksAreThePlainContrast) {
    const std::vector<double> missing{0, 0.5, 1};
    for (const PairForm form : {PairForm::paper, PairForm::interpolated}) {
        const PairOptions options{form, 0.2, true};
        EXPECT_TRUE(is_plain(pair_weights(std::vector<double>{0.1, 0.1, 0.1}, missing, options)));
        EXPECT_TRUE(is_plain(pair_weights(std::vector<double>{nan, nan, nan}, missing, options)));
        EXPECT_TRUE(is_plain(pair_weights(std::vector<double>{nan, 0.3, nan}, missing, options)));
        EXPECT_TRUE(pair_weights({}, {}, options).weight.empty());
    }
}

TEST(PairWeights, ReleasedFormIsARowSoftmaxOfDOverBothViews) {
    const std::vector<double> risk{10, nan, 30};
    const std::vector<double> rate{0, 0.5, 1};
    const std::vector<double> filled{10, 0, 30};  // a missing risk is 0
    for (const bool mask : {false, true}) {
        const auto found = pair_weights(risk, rate, {PairForm::released, 0.2, mask});
        for (std::size_t i = 0; i < 3; ++i) {
            double sum = 0;
            std::vector<double> d(3);
            for (std::size_t k = 0; k < 3; ++k) {
                d[k] = i == k ? 0 : 0.8 * std::pow(filled[i] - filled[k], 2) / 900 + 0.2;
                if (mask) d[k] *= std::exp(-rate[i] * rate[k]);
                sum += 2 * std::exp(d[k]);
            }
            for (std::size_t k = 0; k < 3; ++k) {
                // 1e-8: the released code guards its range with a small constant.
                EXPECT_NEAR(found.weight[3 * i + k], std::exp(d[k]) / sum, 1e-8);
                EXPECT_NEAR(found.similarity[3 * i + k], 1 - d[k], 1e-8);
            }
        }
    }
}

TEST(PairWeights, NormalisedNegativesHaveMeanOneAndTheSameProportions) {
    const Batch batch = random_batch(3, 9);
    for (const PairForm form : {PairForm::paper, PairForm::released, PairForm::interpolated}) {
        const auto bare = pair_weights(batch.risk, batch.missing, {form, 0.2, true, false});
        const auto scaled = pair_weights(batch.risk, batch.missing, {form, 0.2, true, true});
        double sum = 0;
        for (std::size_t i = 0; i < 9; ++i) {
            for (std::size_t k = 0; k < 9; ++k) {
                if (i == k) continue;
                sum += scaled.weight[9 * i + k];
                EXPECT_NEAR(scaled.weight[9 * i + k] / scaled.weight[1],
                            bare.weight[9 * i + k] / bare.weight[1], 1e-12);
            }
        }
        EXPECT_NEAR(sum / 72, 1, 1e-12);
        EXPECT_EQ(scaled.similarity, bare.similarity);
    }
    EXPECT_TRUE(pair_weights(std::vector<double>{0.1}, std::vector<double>{0.0},
                             {PairForm::paper, 0.2, true, true})
                    .weight == std::vector<double>{1});
}

TEST(PairWeights, FormsByName) {
    EXPECT_EQ(parse_pair_form("interpolated"), PairForm::interpolated);
    EXPECT_FALSE(parse_pair_form("papery"));
    for (const std::string& name : pair_form_names()) {
        EXPECT_TRUE(parse_pair_form(name)) << name;
    }
}

}  // namespace clef
