// Which results an evaluation compares, and of how many patients it says p-values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/evaluation_run.hpp"

namespace clef {

namespace {

TaskResult result_of(const char* model, const char* protocol, std::uint64_t seed,
                     std::size_t test_patients, double error) {
    TaskResult result;
    result.model = model;
    result.protocol = protocol;
    result.seed = seed;
    result.task.name = result.task.label = "age";
    result.task.kind = TaskKind::regression;
    result.task.metric = "mae";
    Targets targets;
    targets.kind = TaskKind::regression;
    EvaluationRows rows;
    result.predictions = Matrix(test_patients, 1);
    for (std::size_t i = 0; i < test_patients; ++i) {
        rows.records.push_back(fmt::format("r{}", i));
        rows.patients.push_back(fmt::format("p{}", i));
        rows.splits.emplace_back("test");
        targets.known.push_back(1);
        targets.values.push_back(50);
        result.predictions.at(i, 0) = 50 + error + static_cast<double>(i);
    }
    ScoringOptions options;
    options.bootstrap.resamples = 100;
    result.scores = score_predictions(result.predictions, rows, result.task, targets, options);
    return result;
}

std::vector<Paired> paired_of(std::size_t test_patients) {
    EvaluationPlan plan;
    plan.contenders.push_back({"mine", {}});
    std::vector<TaskResult> results = {
        result_of("mine", "probe", 1, test_patients, 1),
        result_of("other", "probe", 1, test_patients, 2),
        result_of("mine", "finetune", 1, test_patients, 3),
        result_of("mine", "finetune", 2, test_patients, 5),
        result_of("trained from scratch", "scratch", 1, test_patients, 7),
        result_of("random weights", "random", 1, test_patients, 9)};
    plan.tasks.push_back(results[0].task);
    return paired_differences(plan, {results});
}

TEST(PairedDifferences, AreOfTheFirstEncoderAndAverageSeeds) {
    const auto paired = paired_of(8);
    std::vector<std::string> pairs;
    for (const Paired& one : paired) {
        pairs.push_back(
            fmt::format("{} / {}: {:.0f}", one.first, one.second, one.difference.difference));
        ASSERT_TRUE(one.adjusted_p);
        EXPECT_GE(*one.adjusted_p, *one.difference.p_value);
    }
    EXPECT_EQ(pairs,
              (std::vector<std::string>{
                  "mine, probe / other, probe: -1", "mine, probe / random weights, seed 1: -8",
                  "mine, finetune, mean of 2 seeds / trained from scratch, seed 1: -3",
                  "mine, finetune, mean of 2 seeds / mine, probe: 3"}));
}

TEST(PairedDifferences, OfFourPatientsThereIsNoPValue) {
    for (const Paired& one : paired_of(4)) {
        EXPECT_FALSE(one.difference.p_value);
        EXPECT_FALSE(one.adjusted_p);
        EXPECT_TRUE(one.difference.interval.low);
    }
}

}  // namespace

}  // namespace clef
