// MoCo, BYOL and VICReg against the goldens, slow obvious versions and finite differences; what the
// queue keeps; the projection head's batch normalisation.
#include <cmath>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/random.hpp"
#include "procedural.hpp"
#include "shared.hpp"
#include "training/byol_objective.hpp"
#include "training/moco_objective.hpp"
#include "training/projection.hpp"
#include "training/vicreg_objective.hpp"

namespace clef {
namespace {

using Rows = std::vector<std::vector<double>>;

torch::Tensor procedural_matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    const auto values = testing::procedural(name, static_cast<std::size_t>(rows * columns));
    return torch::tensor(values, torch::kFloat64).reshape({rows, columns});
}

Rows rows_of(const torch::Tensor& matrix) {
    Rows rows(static_cast<std::size_t>(matrix.size(0)));
    for (std::int64_t i = 0; i < matrix.size(0); ++i) {
        for (std::int64_t k = 0; k < matrix.size(1); ++k) {
            rows[static_cast<std::size_t>(i)].push_back(matrix[i][k].item<double>());
        }
    }
    return rows;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
    double product = 0, length_a = 0, length_b = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        product += a[k] * b[k];
        length_a += a[k] * a[k];
        length_b += b[k] * b[k];
    }
    return product / std::sqrt(length_a * length_b);
}

nlohmann::json golden(const char* key) {
    std::ifstream file(testing::shared_folder() / "goldens/losses.json");
    return nlohmann::json::parse(file).at(key);
}

void expect_gradient(const std::function<torch::Tensor(const torch::Tensor&)>& loss,
                     const torch::Tensor& at) {
    const torch::Tensor x = at.clone().set_requires_grad(true);
    const torch::Tensor gradient = torch::autograd::grad({loss(x)}, {x})[0];
    const double step = 1e-6;
    for (std::int64_t i = 0; i < x.numel(); i += 3) {
        torch::Tensor moved = at.clone();
        moved.view(-1)[i] += step;
        const double above = loss(moved).item<double>();
        moved.view(-1)[i] -= 2 * step;
        const double below = loss(moved).item<double>();
        EXPECT_NEAR(gradient.view(-1)[i].item<double>(), (above - below) / (2 * step), 1e-6) << i;
    }
}

// ---- MoCo ----

TEST(Moco, HoldsTheGolden) {
    CLEF_REQUIRE_SHARED("goldens/losses.json");
    const auto expected = golden("moco");
    const torch::Tensor q = procedural_matrix("moco.q", 8, 16).set_requires_grad(true);
    const torch::Tensor k = procedural_matrix("moco.k", 8, 16);
    const torch::Tensor queue = procedural_matrix("moco.queue", 16, 32).t();
    const torch::Tensor loss = moco_loss(q, k, queue, 0.07);
    EXPECT_NEAR(loss.item<double>(), expected.at("loss").get<double>(), 1e-9);
    const torch::Tensor gradient = torch::autograd::grad({loss}, {q})[0];
    for (int i = 0; i < 4; ++i) {
        EXPECT_NEAR(gradient[0][i].item<double>(), expected.at("grad")[i].get<double>(), 1e-9);
    }
}

TEST(Moco, EqualsTheSlowVersionWithItsGradient) {
    const torch::Tensor q = procedural_matrix("a", 5, 4);
    const torch::Tensor k = procedural_matrix("b", 5, 4);
    const torch::Tensor queue = procedural_matrix("c", 7, 4);
    double slow = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const double positive = std::exp(cosine(rows_of(q)[i], rows_of(k)[i]) / 0.2);
        double all = positive;
        for (const auto& negative : rows_of(queue)) {
            all += std::exp(cosine(rows_of(q)[i], negative) / 0.2);
        }
        slow -= std::log(positive / all) / 5;
    }
    EXPECT_NEAR(moco_loss(q, k, queue, 0.2).item<double>(), slow, 1e-12);
    expect_gradient([&](const torch::Tensor& x) { return moco_loss(x, k, queue, 0.2); }, q);
}

ObjectiveOptions moco_options(int queue) {
    ObjectiveOptions options;
    options.name = "moco";
    options.queue = queue;
    return options;
}

// Batch number n: keys (second views) that point along axis n.
ObjectiveInputs batch_along(std::int64_t axis, std::int64_t pairs, std::int64_t size) {
    torch::Tensor targets = torch::ones({2 * pairs, size});
    targets.narrow(0, pairs, pairs).zero_();
    for (std::int64_t i = 0; i < pairs; ++i) targets[pairs + i][axis] = 3;
    return {torch::ones({2 * pairs, size}), {}, {}, targets};
}

torch::Tensor stored_queue(const Objective& objective, std::int64_t keys, std::int64_t size) {
    Tensors tensors;
    objective.store(tensors);
    const Tensor& queue = tensors.at("objective.queue");
    return torch::from_blob(const_cast<std::byte*>(queue.data.data()), {keys, size}).clone();
}

TEST(Moco, EachBatchOfKeysEntersTheQueueOnceAndTheOldestLeave) {
    const auto objective = make_objective(moco_options(5), {3, 2, 1, false});
    const torch::Tensor fresh = stored_queue(*objective, 5, 3);
    EXPECT_LT((fresh.norm(2, {1}) - 1).abs().max().item<double>(), 1e-6);
    objective->remember(batch_along(0, 2, 3));
    objective->remember(batch_along(1, 2, 3));
    const torch::Tensor four = stored_queue(*objective, 5, 3);
    EXPECT_EQ(four.narrow(0, 0, 4).sum(0)[0].item<float>(), 2);
    EXPECT_EQ(four.narrow(0, 0, 4).sum(0)[1].item<float>(), 2);
    EXPECT_TRUE(torch::equal(four[4], fresh[4]));
    objective->remember(batch_along(2, 2, 3));  // its second key takes the first place
    const torch::Tensor wrapped = stored_queue(*objective, 5, 3);
    EXPECT_EQ(wrapped[4][2].item<float>(), 1);
    EXPECT_EQ(wrapped[0][2].item<float>(), 1);
    EXPECT_EQ(wrapped[1][0].item<float>(), 1);
    EXPECT_EQ(wrapped.sum(0)[0].item<float>(), 1);
}

TEST(Moco, AskingForTheLossChangesNothingAndTheStateGoesOnBitForBit) {
    const auto objective = make_objective(moco_options(5), {3, 2, 1, false});
    objective->remember(batch_along(0, 2, 3));
    const auto inputs = batch_along(1, 2, 3);
    const double before = (*objective)(inputs).loss.item<double>();
    EXPECT_EQ((*objective)(inputs).loss.item<double>(), before);
    Tensors saved;
    objective->store(saved);
    const auto again = make_objective(moco_options(5), {3, 2, 9, false});
    EXPECT_NE((*again)(inputs).loss.item<double>(), before);
    again->load(saved);
    EXPECT_EQ((*again)(inputs).loss.item<double>(), before);
    objective->remember(inputs);
    again->remember(inputs);
    EXPECT_TRUE(torch::equal(stored_queue(*objective, 5, 3), stored_queue(*again, 5, 3)));
}

TEST(Moco, AQueueShorterThanABatchIsRefused) {
    EXPECT_THROW(make_objective(moco_options(5), {3, 6, 1, false}), InputError);
}

// ---- BYOL ----

TEST(Byol, HoldsTheGolden) {
    CLEF_REQUIRE_SHARED("goldens/losses.json");
    const auto both = [](const char* first, const char* second) {
        return torch::cat({procedural_matrix(first, 8, 16), procedural_matrix(second, 8, 16)});
    };
    EXPECT_NEAR(byol_loss(both("byol.p1", "byol.p2"), both("byol.z1", "byol.z2")).item<double>(),
                golden("byol").at("loss").get<double>(), 1e-9);
}

TEST(Byol, EqualsTheSlowVersionWithItsGradientAndNoneIntoTheTargets) {
    const torch::Tensor p = procedural_matrix("a", 10, 4);
    const torch::Tensor t = procedural_matrix("b", 10, 4);
    double slow = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        slow += (2 - 2 * cosine(rows_of(p)[i], rows_of(t)[i + 5])) / 5;
        slow += (2 - 2 * cosine(rows_of(p)[i + 5], rows_of(t)[i])) / 5;
    }
    EXPECT_NEAR(byol_loss(p, t).item<double>(), slow, 1e-12);
    expect_gradient([&](const torch::Tensor& x) { return byol_loss(x, t); }, p);
    const torch::Tensor targets = t.clone().set_requires_grad(true);
    EXPECT_FALSE(byol_loss(p, targets).requires_grad());
}

TEST(Byol, ItsMomentumRisesToOneAlongACosineAndItsPredictorIsTrained) {
    ObjectiveOptions options;
    options.name = "byol";
    options.momentum = 0.9;
    const auto objective = make_objective(options, {4, 2, 1, true});
    EXPECT_TRUE(objective->uses_momentum_encoder());
    EXPECT_NEAR(objective->momentum(0), 0.9, 1e-12);
    EXPECT_NEAR(objective->momentum(0.5), 0.95, 1e-12);
    EXPECT_NEAR(objective->momentum(1), 1, 1e-12);
    EXPECT_EQ(objective->trained().size(), 6U);  // two layers, one normalised
}

// ---- VICReg ----

double slow_vicreg(const Rows& z, double invariance, double variance, double covariance) {
    const std::size_t pairs = z.size() / 2, size = z[0].size();
    const auto n = static_cast<double>(pairs), d = static_cast<double>(size);
    double loss = 0;
    for (std::size_t i = 0; i < pairs; ++i) {
        for (std::size_t k = 0; k < size; ++k) {
            loss += invariance * std::pow(z[i][k] - z[i + pairs][k], 2) / (n * d);
        }
    }
    for (std::size_t from = 0; from < z.size(); from += pairs) {
        std::vector<double> mean(size, 0.0);
        for (std::size_t k = 0; k < size; ++k) {
            for (std::size_t i = 0; i < pairs; ++i) mean[k] += z[from + i][k] / n;
        }
        for (std::size_t k = 0; k < size; ++k) {
            for (std::size_t m = 0; m < size; ++m) {
                double c = 0;
                for (std::size_t i = 0; i < pairs; ++i) {
                    c += (z[from + i][k] - mean[k]) * (z[from + i][m] - mean[m]) / (n - 1);
                }
                if (k == m) loss += variance / 2 * std::max(0.0, 1 - std::sqrt(c + 1e-4)) / d;
                if (k != m) loss += covariance * c * c / d;
            }
        }
    }
    return loss;
}

TEST(Vicreg, EqualsTheSlowVersionWithItsGradient) {
    ObjectiveOptions options;
    options.name = "vicreg";
    options.invariance_weight = 3;
    options.variance_weight = 5;
    options.covariance_weight = 7;
    const auto objective = make_objective(options);
    for (const double scale : {0.5, 2.5}) {  // deviations below one and some above
        const torch::Tensor z = scale * procedural_matrix("z", 12, 5);
        const auto loss = [&](const torch::Tensor& x) { return (*objective)({x, x, {}}).loss; };
        EXPECT_NEAR(loss(z).item<double>(), slow_vicreg(rows_of(z), 3, 5, 7), 1e-11);
        expect_gradient(loss, z);
    }
}

// ---- the head ----

TEST(ProjectionHeadNorm, NormalisesEachViewOverTheBatchByItself) {
    const ProjectionHead head("head", 2, 3, 4, 2, 1, true);
    const torch::Tensor x = procedural_matrix("x", 8, 3).to(torch::kFloat32);
    torch::Tensor moved = x.clone();
    moved.narrow(0, 4, 4).add_(10);  // a shift of the whole second view is normalised away
    EXPECT_LT((head.forward(moved) - head.forward(x)).abs().max().item<double>(), 1e-4);
    const ProjectionHead plain("head", 2, 3, 4, 2, 1);
    EXPECT_GT((plain.forward(moved) - plain.forward(x)).abs().max().item<double>(), 1e-2);
    EXPECT_EQ(head.trained().size(), 6U);
    EXPECT_EQ(plain.trained().size(), 4U);
    EXPECT_EQ(head.trained()[2].first, "head.0.norm.weight");
}

TEST(ProjectionHeadNorm, ACopyIsEqualAndItsOwn) {
    const ProjectionHead head("head", 2, 3, 4, 2, 1, true);
    const ProjectionHead copy = head.copy();
    const torch::Tensor x = procedural_matrix("x", 8, 3).to(torch::kFloat32);
    EXPECT_TRUE(torch::equal(head.forward(x), copy.forward(x)));
    torch::Tensor weight = head.trained()[0].second;
    weight.add_(1);
    EXPECT_FALSE(torch::equal(head.forward(x), copy.forward(x)));
}

}  // namespace
}  // namespace clef
