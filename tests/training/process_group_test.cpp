// Two processes with half of every batch each take the steps that one takes with all of it. Here
// each "process" is a thread with a process group of its own; tests/commands has real ones.
#include "training/process_group.hpp"

#include <exception>
#include <gtest/gtest.h>
#include <thread>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "shared.hpp"
#include "training/learner.hpp"

namespace clef {
namespace {

std::uint16_t test_port() {
    static std::uint16_t next = static_cast<std::uint16_t>(40000 + ::getpid() % 20000);
    return next++;
}

// work(group) for both ranks at once; rethrows the first failure.
void on_two_ranks(const std::function<void(const ProcessGroup&)>& work) {
    const std::uint16_t port = test_port();
    std::vector<std::exception_ptr> failures(2);
    std::vector<std::jthread> ranks;
    for (int rank = 0; rank < 2; ++rank) {
        ranks.emplace_back([&, rank] {
            try {
                torch::set_num_threads(1);
                const ProcessGroup group({rank, 2, "127.0.0.1", port}, 30);
                work(group);
            } catch (...) {
                failures[static_cast<std::size_t>(rank)] = std::current_exception();
            }
        });
    }
    ranks.clear();
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

TEST(ProcessGroup, GathersViewsInTheBatchsOrderSumsAndAgrees) {
    on_two_ranks([](const ProcessGroup& group) {
        const auto mine = static_cast<float>(group.rank());
        // Pairs 0, 1 on rank 0 and 2, 3 on rank 1; first views are the pair, second ones 10 more.
        const torch::Tensor own =
            torch::tensor({2 * mine, 2 * mine + 1, 10 + 2 * mine, 11 + 2 * mine}).reshape({4, 1});
        const torch::Tensor all = group.gather_views(own);
        EXPECT_TRUE(torch::equal(
            all, torch::tensor({0.F, 1.F, 2.F, 3.F, 10.F, 11.F, 12.F, 13.F}).reshape({8, 1})));
        EXPECT_TRUE(torch::equal(group.own_rows(all), own));
        const torch::Tensor a = torch::full({2, 2}, mine + 1);
        const torch::Tensor b = torch::full({3}, 10 * mine);
        group.sum({a, b});
        EXPECT_TRUE(torch::equal(a, torch::full({2, 2}, 3.F)));
        EXPECT_TRUE(torch::equal(b, torch::full({3}, 10.F)));
        EXPECT_TRUE(group.any(group.rank() == 1));
        EXPECT_FALSE(group.any(false));
    });
}

TEST(ProcessGroup, ASilentPeerIsGivenUp) {
    const std::uint16_t port = test_port();
    std::string message;
    std::jthread silent([&] {
        const ProcessGroup group({1, 2, "127.0.0.1", port}, 30);
        std::this_thread::sleep_for(std::chrono::seconds(3));
    });
    try {
        const ProcessGroup group({0, 2, "127.0.0.1", port}, 1);
        group.any(true);
    } catch (const RunError& error) {
        message = error.what();
    }
    EXPECT_NE(message.find("another process of this run has gone or is silent"), std::string::npos)
        << message;
}

class SharedStepsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SharedStepsTest, TwoRanksEqualOne) {
    set_quiet(true);
    torch::set_num_threads(1);
    const testing::TemporaryFolder folder;
    SimulatorOptions simulator;
    simulator.patients = 16;
    Cohort cohort = simulate(simulator, folder.path() / "cohort");
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        cohort.rows[i].split = "train";
        cohort.rows[i].risk = 0.01 * static_cast<double>(i);
        cohort.rows[i].missing = 0.2;
    }
    const PretrainOptions options =
        read_options("quick", {"run.batch=8", "views.crop_seconds=0.5", "optimiser.clip=1",
                               "objective.name=" + GetParam()});
    const Model model = random_model("clef-small", 1, 1);
    const WindowStore store(cohort, model.recipe, {});
    const auto losses = [&](const ProcessGroup* group) {
        Learner learner(model, options, store, 1, group);
        const BatchMaker batches(
            store, options,
            group == nullptr ? BatchShare{} : BatchShare{group->rank(), group->size()});
        std::vector<double> values;
        for (std::int64_t step = 0; step < 20; ++step) {
            values.push_back(learner.learn(batches.make(step)).loss);
            learner.update(1e-3, static_cast<double>(step) / 20);
        }
        return values;
    };
    const auto expected = losses(nullptr);
    on_two_ranks([&](const ProcessGroup& group) {
        const auto found = losses(&group);
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_NEAR(found[i], expected[i], 1e-5 * std::abs(expected[i])) << i;
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Objectives, SharedStepsTest,
                         ::testing::Values("clef", "infonce", "simclr", "vicreg", "moco", "byol"));

}  // namespace
}  // namespace clef
