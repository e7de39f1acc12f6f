// The contrastive losses against the released code's values (goldens/losses.json), the paper's form
// against a slow obvious version, and every gradient against an independent answer.
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/random.hpp"
#include "clinical/dissimilarity.hpp"
#include "procedural.hpp"
#include "shared.hpp"
#include "training/contrastive.hpp"
#include "training/objective.hpp"

namespace clef {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

torch::Tensor procedural_embeddings(const std::string& name, std::int64_t rows,
                                    std::int64_t columns) {
    const auto values = testing::procedural(name, static_cast<std::size_t>(rows * columns));
    return torch::tensor(values, torch::kFloat64).reshape({rows, columns}).set_requires_grad(true);
}

// [loss, Σ|gradient|, first four gradient entries of row 0]
void expect_golden(const torch::Tensor& loss, const torch::Tensor& embeddings,
                   const nlohmann::json& golden, const std::string& what) {
    const auto near = [&what](double found, double expected) {
        EXPECT_NEAR(found, expected, 1e-9 * std::max(1e-3, std::abs(expected))) << what;
    };
    near(loss.item<double>(), golden[0].get<double>());
    const torch::Tensor gradient = torch::autograd::grad({loss}, {embeddings})[0];
    near(gradient.abs().sum().item<double>(), golden[1].get<double>());
    for (int i = 0; i < 4; ++i) near(gradient[0][i].item<double>(), golden[2][i].get<double>());
}

torch::Tensor tiled(const std::vector<double>& values, std::int64_t patients) {
    return torch::tensor(values, torch::kFloat64).reshape({patients, patients}).repeat({2, 2});
}

TEST(LossGoldens, ReleasedFormHoldsWithItsGradients) {
    CLEF_REQUIRE_SHARED("goldens/losses.json");
    std::ifstream file(testing::shared_folder() / "goldens/losses.json");
    const auto goldens = nlohmann::json::parse(file);
    int cases = 0;
    for (const auto& [key, golden] : goldens.items()) {
        if (!golden.contains("clef")) continue;
        ++cases;
        const auto patients = golden.at("B").get<std::int64_t>();
        const auto z =
            procedural_embeddings("z." + key, 2 * patients, golden.at("D").get<std::int64_t>());
        ClinicalBatch batch;
        for (const auto& risk : golden.at("risk")) {
            batch.risk.push_back(risk.is_null() ? not_a_number : risk.get<double>());
        }
        batch.missing.assign(batch.risk.size(), 0.0);
        if (!golden.at("rate").is_null())
            batch.missing = golden.at("rate").get<std::vector<double>>();
        const double temperature = golden.at("temperature").get<double>();
        const PairWeights pairs =
            pair_weights(batch.risk, batch.missing, {PairForm::released, 0.2, true});

        const auto s = [&z] { return cosine_similarities(z); };
        expect_golden(info_nce(s(), temperature), z, golden.at("info_nce"), key + " info_nce");
        expect_golden(released_info_nce(s(), tiled(pairs.weight, patients), temperature), z,
                      golden.at("meta_nce"), key + " meta_nce");
        expect_golden(
            alignment(s(), tiled(pairs.similarity, patients), tiled(pairs.known, patients)), z,
            golden.at("alignment"), key + " alignment");
        ObjectiveOptions options;
        options.form = "released";
        options.temperature = temperature;
        expect_golden((*make_objective(options))({z, z, batch}).loss, z, golden.at("clef"),
                      key + " clef");
    }
    EXPECT_EQ(cases, 6);
}

struct RandomBatch {
    torch::Tensor embeddings;
    ClinicalBatch clinical;
};

RandomBatch random_batch(std::uint64_t seed, std::int64_t patients, std::int64_t size) {
    Random random(seed, "test batch");
    RandomBatch batch;
    std::vector<double> values;
    for (std::int64_t i = 0; i < 2 * patients * size; ++i) values.push_back(random.normal());
    batch.embeddings = torch::tensor(values, torch::kFloat64)
                           .reshape({2 * patients, size})
                           .set_requires_grad(true);
    for (std::int64_t i = 0; i < patients; ++i) {
        const bool missing = random.chance(0.3);
        batch.clinical.risk.push_back(missing              ? not_a_number
                                      : random.chance(0.2) ? 0.1
                                                           : random.uniform(0, 0.4));
        batch.clinical.missing.push_back(static_cast<double>(random.below(7)) / 6);
    }
    return batch;
}

// W of two different patients whose risks are known, `range` the batch's largest squared
// difference.
double slow_weight(const ClinicalBatch& batch, std::size_t p, std::size_t q, double range,
                   const ObjectiveOptions& options) {
    const double difference = batch.risk[p] - batch.risk[q];
    const double d = (1 - options.alpha) * difference * difference / range + options.alpha;
    if (!options.missing_mask) return d;
    const double both = (1 - batch.missing[p]) * (1 - batch.missing[q]);
    return options.form == "paper" ? d * std::exp(-both) : both * d + (1 - both);
}

// The formulas, written out pair by pair with no care for speed or overflow.
double slow_loss(const RandomBatch& batch, const ObjectiveOptions& options) {
    const torch::Tensor z = batch.embeddings.detach();
    const auto views = static_cast<std::size_t>(z.size(0));
    const std::size_t patients = views / 2;
    std::vector<std::vector<double>> cosine(views, std::vector<double>(views));
    double lowest = 2;
    double highest = -2;
    for (std::size_t i = 0; i < views; ++i) {
        for (std::size_t k = 0; k < views; ++k) {
            const auto a = z[static_cast<std::int64_t>(i)];
            const auto b = z[static_cast<std::int64_t>(k)];
            cosine[i][k] = (a.dot(b) / (a.norm() * b.norm())).item<double>();
            lowest = std::min(lowest, cosine[i][k]);
            highest = std::max(highest, cosine[i][k]);
        }
    }
    double range = 0;
    for (const double a : batch.clinical.risk) {
        for (const double b : batch.clinical.risk) {
            if (!std::isnan(a) && !std::isnan(b)) range = std::max(range, (a - b) * (a - b));
        }
    }
    const auto risk_known = [&](std::size_t p) { return !std::isnan(batch.clinical.risk[p]); };
    const auto weight_of = [&](std::size_t p, std::size_t q) {
        if (!risk_known(p) || !risk_known(q) || range == 0) return 1.0;
        return slow_weight(batch.clinical, p, q, range, options);
    };
    double mean = 0;
    for (std::size_t p = 0; p < patients; ++p) {
        for (std::size_t q = 0; q < patients; ++q) mean += p == q ? 0 : weight_of(p, q);
    }
    mean /= static_cast<double>(patients * (patients - 1));
    const double scale = options.normalise_weights ? 1 / mean : 1;
    double contrast = 0;
    double geometry = 0;
    double known = 0;
    for (std::size_t i = 0; i < views; ++i) {
        double denominator = 0;
        double positive = 0;
        for (std::size_t k = 0; k < views; ++k) {
            const std::size_t p = i % patients;
            const std::size_t q = k % patients;
            const double exponential = std::exp(cosine[i][k] / options.temperature);
            const double weight = p == q ? 1 : weight_of(p, q);
            if (p != q && risk_known(p) && risk_known(q) && range > 0) {
                geometry +=
                    std::pow((cosine[i][k] - lowest) / (highest - lowest + 1e-6) - (1 - weight), 2);
                ++known;
            } else if (p == q && range > 0) {
                geometry += std::pow((cosine[i][k] - lowest) / (highest - lowest + 1e-6) - 1, 2);
                ++known;
            }
            if (i == k) continue;
            if (p == q) positive = exponential;
            denominator += p == q ? exponential : scale * weight * exponential;
        }
        contrast -= std::log(positive / denominator) / static_cast<double>(views);
    }
    return contrast + options.alignment_weight * (known > 0 ? geometry / known : 0);
}

// Every switch that an ablation turns, in turn: form, α, τ, M, the weight of L_d, normalisation.
TEST(ClefForms, EqualTheSlowObviousVersionWithMissingAndEqualRisks) {
    for (std::uint64_t seed = 0; seed < 48; ++seed) {
        ObjectiveOptions options;
        options.form = seed % 2 == 0 ? "paper" : "interpolated";
        options.temperature = seed % 4 < 2 ? 0.07 : 0.2;
        options.alignment_weight = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 0.5 : 0;
        options.alpha = seed % 5 == 0 ? 0 : seed % 5 == 1 ? 0.5 : 0.2;
        options.missing_mask = seed % 7 != 0;
        options.normalise_weights = seed % 8 >= 4;
        const RandomBatch batch = random_batch(seed, 7, 5);
        const double found =
            (*make_objective(options))({batch.embeddings, batch.embeddings, batch.clinical})
                .loss.item<double>();
        const double expected = slow_loss(batch, options);
        // α = 0: two patients of equal risk weigh 0, which the logarithm takes as 1e-12.
        EXPECT_NEAR(found, expected, (options.alpha == 0 ? 1e-8 : 1e-10) * std::abs(expected))
            << "seed " << seed;
    }
}

// What each switch does, told by what must be equal.
TEST(ClefForms, SwitchesTurnOffWhatTheySay) {
    const RandomBatch batch = random_batch(8, 6, 4);
    const auto loss = [&batch](const ObjectiveOptions& options) {
        return (*make_objective(options))({batch.embeddings, batch.embeddings, batch.clinical})
            .loss.item<double>();
    };
    const double plain = info_nce(cosine_similarities(batch.embeddings), 0.2).item<double>();
    for (const char* form : {"paper", "interpolated"}) {
        ObjectiveOptions options;
        options.form = form;
        options.temperature = 0.2;
        EXPECT_NE(loss(options), plain);
        ObjectiveOptions off = options;
        off.weighted_negatives = false;
        off.alignment_weight = 0;
        EXPECT_EQ(loss(off), plain) << "neither L_w's weights nor L_d";
        off = options;
        off.alpha = 1;
        off.missing_mask = false;
        off.alignment_weight = 0;
        EXPECT_NEAR(loss(off), plain, 1e-12) << "a floor of 1 leaves nothing to weigh";
        off = options;
        off.missing_mask = false;
        EXPECT_NE(loss(off), loss(options));
    }
    ObjectiveOptions paper, interpolated;
    interpolated.form = "interpolated";
    paper.missing_mask = interpolated.missing_mask = false;
    EXPECT_EQ(loss(paper), loss(interpolated)) << "without M both are D";
}

class EveryForm : public ::testing::TestWithParam<const char*> {
  protected:
    ObjectiveOptions options() const {
        ObjectiveOptions result;
        const std::string name = GetParam();
        result.name = name == "infonce" ? "infonce" : "clef";
        result.normalise_weights = name.ends_with("-normalised");
        if (result.name == "clef") result.form = name.substr(0, name.find('-'));
        result.temperature = 0.2;
        return result;
    }
    double loss(const torch::Tensor& z, const ClinicalBatch& batch) const {
        return (*make_objective(options()))({z, z, batch}).loss.item<double>();
    }
};

TEST_P(EveryForm, GradientAgreesWithFiniteDifferences) {
    const RandomBatch batch = random_batch(3, 6, 4);
    const torch::Tensor z = batch.embeddings;
    const auto result = (*make_objective(options()))({z, z, batch.clinical});
    const torch::Tensor gradient = torch::autograd::grad({result.loss}, {z})[0];
    const double step = 1e-6;
    for (std::int64_t i = 0; i < z.numel(); i += 5) {
        torch::Tensor moved = z.detach().clone();
        moved.view(-1)[i] += step;
        const double above = loss(moved, batch.clinical);
        moved.view(-1)[i] -= 2 * step;
        const double below = loss(moved, batch.clinical);
        EXPECT_NEAR(gradient.view(-1)[i].item<double>(), (above - below) / (2 * step), 2e-7) << i;
    }
}

TEST_P(EveryForm, OrderOfTheBatchAndScaleOfTheEmbeddingsDoNotMatter) {
    const RandomBatch batch = random_batch(4, 6, 4);
    const torch::Tensor z = batch.embeddings.detach();
    const double before = loss(z, batch.clinical);
    EXPECT_NEAR(loss(z * 7.5, batch.clinical), before, 1e-10);

    const std::vector<std::int64_t> order = {3, 0, 5, 1, 4, 2};
    std::vector<std::int64_t> rows = order;
    for (const std::int64_t i : order) rows.push_back(i + 6);
    ClinicalBatch moved;
    for (const std::int64_t i : order) {
        moved.risk.push_back(batch.clinical.risk[static_cast<std::size_t>(i)]);
        moved.missing.push_back(batch.clinical.missing[static_cast<std::size_t>(i)]);
    }
    EXPECT_NEAR(loss(z.index_select(0, torch::tensor(rows, torch::kInt64)), moved), before, 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Objectives, EveryForm,
                         ::testing::Values("paper", "released", "interpolated", "infonce",
                                           "paper-normalised", "released-normalised"));

// Exactly: not a digit differs. (The released form is what the released code computes: there a
// missing risk is 0, and equal risks weigh α.)
TEST(ClefForms, BatchesThatKnowNothingArePlainInfoNce) {
    const RandomBatch batch = random_batch(5, 6, 4);
    const torch::Tensor z = batch.embeddings;
    for (const char* form : {"paper", "interpolated"}) {
        for (const bool normalise : {false, true}) {
            ObjectiveOptions options;
            options.form = form;
            options.normalise_weights = normalise;
            const torch::Tensor plain = info_nce(cosine_similarities(z), options.temperature);
            const torch::Tensor expected = torch::autograd::grad({plain}, {z})[0];
            for (const double risk : {0.1, not_a_number}) {
                const ClinicalBatch same{std::vector<double>(6, risk), {0, 0.2, 0.4, 0.6, 0.8, 1}};
                const torch::Tensor loss = (*make_objective(options))({z, z, same}).loss;
                EXPECT_EQ(loss.item<double>(), plain.item<double>()) << form;
                const torch::Tensor gradient = torch::autograd::grad({loss}, {z})[0];
                EXPECT_LT((gradient - expected).abs().max().item<double>(), 1e-15) << form;
            }
        }
    }
}

TEST(Objectives, UnknownNamesSuggestTheRightOne) {
    ObjectiveOptions options;
    options.name = "infonse";
    EXPECT_THROW(
        {
            try {
                make_objective(options);
            } catch (const InputError& error) {
                EXPECT_NE(std::string(error.what()).find("infonce"), std::string::npos)
                    << error.what();
                throw;
            }
        },
        InputError);
    options.name = "clef";
    options.form = "papier";
    EXPECT_THROW(make_objective(options), InputError);
}

}  // namespace
}  // namespace clef
