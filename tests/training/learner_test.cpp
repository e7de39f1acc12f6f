// What a learner does with a batch; twenty steps of CLEF-small against an independent Python
// version (tests/data/training has it and what it printed): the same weights, views and risks on
// both sides, every loss within 1e-4.
#include "training/learner.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Batch procedural_batch(int step, std::int64_t pairs, std::int64_t samples) {
    const auto number = [step](const char* what) { return fmt::format("{}.step{}", what, step); };
    Batch batch;
    batch.views =
        torch::tensor(testing::procedural_input(fmt::format("step{}", step),
                                                static_cast<std::size_t>(2 * pairs * samples)))
            .reshape({2 * pairs, 1, samples});
    torch::Tensor second = batch.views.narrow(0, pairs, pairs);
    second.copy_(0.7 * batch.views.narrow(0, 0, pairs) + 0.3 * second);
    for (const double u : testing::procedural(number("risk"), static_cast<std::size_t>(pairs))) {
        batch.clinical.risk.push_back(0.3 * std::abs(u));
    }
    for (const double u : testing::procedural(number("missing"), static_cast<std::size_t>(pairs))) {
        batch.clinical.missing.push_back(std::abs(u));
    }
    return batch;
}

class LearnerTest : public ::testing::Test {
  protected:
    // The learner takes a store for the beat objective, which is off here.
    LearnerTest() {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 2;
        Cohort cohort = simulate(simulator, folder_.path());
        for (CohortRow& row : cohort.rows) row.split = "train";
        store_ = std::make_unique<WindowStore>(cohort, model_.recipe, WindowStoreOptions{});
    }
    std::unique_ptr<Learner> learner(const PretrainOptions& options) const {
        return std::make_unique<Learner>(model_, options, *store_, 2);
    }
    static Tensors weights(const Learner& learner) {
        Tensors tensors;
        learner.store(tensors);
        return tensors;
    }

    testing::TemporaryFolder folder_;
    Model model_ = testing::procedural_model("clef-small");
    std::unique_ptr<WindowStore> store_;
};

TEST_F(LearnerTest, TwentyStepsOfClefSmallHaveTheSameLossesAsInPython) {
    std::ifstream file(std::string(CLEF_TEST_DATA) + "/training/clef_steps.json");
    const auto expected = nlohmann::json::parse(file);
    PretrainOptions options = read_options("paper");
    ASSERT_EQ(options.objective.temperature, expected.at("temperature"));
    ASSERT_EQ(options.objective.alpha, expected.at("alpha"));
    options.weight_decay = expected.at("weight_decay");
    const auto learner_ = learner(options);
    const auto losses = expected.at("losses").get<std::vector<double>>();
    ASSERT_EQ(losses.size(), 20U);
    for (int step = 0; step < 20; ++step) {
        const Batch batch = procedural_batch(step, expected.at("pairs"), expected.at("samples"));
        const double loss = learner_->learn(batch).loss;
        EXPECT_NEAR(loss, losses[static_cast<std::size_t>(step)], 1e-4 * loss) << step;
        learner_->update(expected.at("learning_rate"), step / 20.0);
    }
}

// AdamW's first moments after one step from nought are a tenth of the gradients.
TEST_F(LearnerTest, AccumulatesTheSharesOfItsBatches) {
    const auto gradients_of = [&](const std::vector<Batch>& batches) {
        const auto learner_ = learner(read_options("paper"));
        for (const Batch& batch : batches) {
            learner_->learn(batch, 1 / static_cast<double>(batches.size()));
        }
        learner_->update(1e-3, 0);
        return weights(*learner_);
    };
    const Batch one = procedural_batch(0, 4, 500);
    const Batch other = procedural_batch(1, 4, 500);
    const Tensors first = gradients_of({one});
    const Tensors second = gradients_of({other});
    std::size_t compared = 0;
    for (const auto& [name, tensor] : gradients_of({one, other})) {
        if (!name.ends_with(".first")) continue;
        const auto a = first.at(name).floats();
        const auto b = second.at(name).floats();
        float largest = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            largest = std::max({largest, std::abs(a[i]), std::abs(b[i])});
        }
        for (std::size_t i = 0; i < a.size(); ++i) {
            ASSERT_NEAR(tensor.floats()[i], (a[i] + b[i]) / 2, 1e-5F * largest) << name;
            ++compared;
        }
    }
    std::size_t trained = 0;
    for (const auto& [name, tensor] : Net1dModule(model_.shape).trained()) {
        trained += static_cast<std::size_t>(tensor.numel());
    }
    EXPECT_EQ(compared, trained);
}

}  // namespace
}  // namespace clef
