// What learns step by step, against finite differences, other formulas and itself.
#include "evaluation/step_training.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/attention_pool.hpp"
#include "evaluation/probe.hpp"

namespace clef {
namespace {

Targets random_targets(TaskKind kind, std::size_t rows, std::size_t classes) {
    Random random(3, "targets");
    Targets targets;
    targets.kind = kind;
    targets.classes = kind == TaskKind::regression ? 0 : classes;
    for (std::size_t i = 0; i < rows; ++i) {
        targets.known.push_back(1);
        targets.values.push_back(random.normal(50, 7));
        targets.class_index.push_back(static_cast<int>(random.below(classes)));
        for (std::size_t k = 0; k < classes; ++k) targets.indicators.push_back(random.chance(0.4));
    }
    return targets;
}

constexpr TaskKind every_kind[] = {TaskKind::multi_label, TaskKind::multi_class,
                                   TaskKind::regression};

TEST(TaskLoss, ItsGradientIsThatOfFiniteDifferences) {
    const std::vector<std::size_t> train = {0, 1, 2, 3, 4, 5, 6, 7};
    for (const TaskKind kind : every_kind) {
        const Targets targets = random_targets(kind, 8, 4);
        const TaskLoss loss(targets, train);
        Random random(4, "outputs");
        for (const std::size_t row : train) {
            std::vector<double> outputs(loss.outputs());
            for (double& value : outputs) value = random.normal(0, 3);
            std::vector<double> gradient(outputs.size());
            loss.of(row, outputs, gradient);
            for (std::size_t k = 0; k < outputs.size(); ++k) {
                const double step = 1e-5;
                auto moved = outputs;
                moved[k] += step;
                const double above = loss.of(row, moved);
                moved[k] -= 2 * step;
                EXPECT_NEAR(gradient[k], (above - loss.of(row, moved)) / (2 * step), 1e-8);
            }
        }
    }
}

TEST(TaskLoss, ThePriorIsWhatTheMeanPredictorSays) {
    std::vector<std::size_t> train(400);
    for (std::size_t i = 0; i < train.size(); ++i) train[i] = i;
    for (const TaskKind kind : every_kind) {
        const Targets targets = random_targets(kind, 400, 3);
        const TaskLoss loss(targets, train);
        const auto predicted = loss.predictions(loss.prior());
        double mean = 0;
        for (const double value : targets.values) mean += value / 400;
        for (std::size_t k = 0; k < loss.outputs(); ++k) {
            double share = 0;
            for (std::size_t i = 0; i < 400; ++i) {
                share += (kind == TaskKind::multi_label
                              ? targets.indicators[3 * i + k]
                              : targets.class_index[i] == static_cast<int>(k)) /
                         400.0;
            }
            EXPECT_NEAR(predicted[k], kind == TaskKind::regression ? mean : share, 2e-3);
        }
    }
}

TEST(TaskLoss, SurvivesOutputsThatAreCertain) {
    const std::vector<std::size_t> train = {0, 1, 2, 3};
    for (const TaskKind kind : {TaskKind::multi_label, TaskKind::multi_class}) {
        const Targets targets = random_targets(kind, 4, 3);
        const TaskLoss loss(targets, train);
        for (const double size : {1e3, -1e3}) {
            const std::vector<double> outputs = {size, -size, 0};
            std::vector<double> gradient(3);
            EXPECT_TRUE(std::isfinite(loss.of(1, outputs, gradient)));
            for (const double value : gradient) EXPECT_TRUE(std::isfinite(value));
        }
    }
}

TEST(Activations, HaveNamesThatReadBack) {
    for (const char* name : {"identity", "sigmoid", "softmax", "one-against-rest"}) {
        EXPECT_EQ(activation_name(activation_from(name)), name);
    }
    EXPECT_THROW(activation_from("softmaks"), InputError);
    std::vector<double> outputs = {-1e4, 0, 0};
    activate(Activation::one_against_rest, outputs);
    EXPECT_EQ(outputs, (std::vector<double>{0, 0.5, 0.5}));
    outputs = {-1e4, -1e4, -1e4, -1e4};
    activate(Activation::one_against_rest, outputs);
    EXPECT_EQ(outputs, (std::vector<double>{0.25, 0.25, 0.25, 0.25}));
}

// The sum of squares of distances from a point, each row one dimension.
class Bowl : public Learnable {
  public:
    std::vector<ParameterBlock> parameters() override { return {{values, gradient, 1, false}}; }
    double learn(std::span<const std::size_t> rows, int) override {
        std::fill(gradient.begin(), gradient.end(), 0.0F);
        for (const std::size_t row : rows) {
            gradient[row] = 2 * (values[row] - 1) / static_cast<float>(rows.size());
            order.push_back(row);
        }
        return measure(rows);
    }
    double measure(std::span<const std::size_t> rows) override {
        double sum = 0;
        for (const std::size_t row : rows) sum += std::pow(values[row] - goal, 2);
        return sum / static_cast<double>(rows.size());
    }
    std::vector<float> values = std::vector<float>(6, 0.0F);
    std::vector<float> gradient = std::vector<float>(6, 0.0F);
    std::vector<std::size_t> order;
    double goal = 1;
};

TEST(StepTraining, GoesOverEveryRowOnceAnEpochAndKeepsTheBest) {
    const std::vector<std::size_t> train = {0, 1, 2, 3, 4, 5};
    StepTrainingOptions options;
    options.epochs = 30;
    options.batch = 4;
    options.learning_rate = 0.2;
    options.patience = 30;
    Bowl bowl;
    bowl.goal = 0.6;  // what validation asks for is passed on the way to 1
    const StepTraining training = train_by_steps(bowl, train, train, options);
    ASSERT_EQ(training.epochs.size(), 30U);
    ASSERT_EQ(bowl.order.size(), 6U * 30);
    for (std::size_t e = 0; e < 30; ++e) {
        std::vector<std::size_t> epoch(bowl.order.begin() + static_cast<long>(6 * e),
                                       bowl.order.begin() + static_cast<long>(6 * e + 6));
        std::sort(epoch.begin(), epoch.end());
        EXPECT_EQ(epoch, train);
    }
    EXPECT_LT(training.best, 29U);
    EXPECT_DOUBLE_EQ(bowl.measure(train), training.epochs[training.best].validation_loss);

    options.patience = 2;
    Bowl other;
    other.goal = 0.6;
    const StepTraining stopped = train_by_steps(other, train, train, options);
    EXPECT_EQ(stopped.epochs.size(), stopped.best + 3);
}

TEST(StepTraining, RefusesWhatCannotBe) {
    const std::vector<std::size_t> train = {0, 1};
    Bowl bowl;
    EXPECT_THROW(train_by_steps(bowl, {}, train, {}), InputError);
    EXPECT_THROW(train_by_steps(bowl, train, {}, {}), InputError);
    StepTrainingOptions options;
    options.batch = 0;
    EXPECT_THROW(train_by_steps(bowl, train, train, options), InputError);
    bowl.values[1] = std::nanf("");
    EXPECT_THROW(train_by_steps(bowl, train, train, {}), RunError);
}

TEST(StepTraining, TheRateRisesThenFallsToAHundredth) {
    EXPECT_NEAR(rate_at(0, 100, 0.1), 0.1, 1e-12);
    EXPECT_NEAR(rate_at(9, 100, 0.1), 1, 1e-12);
    EXPECT_NEAR(rate_at(10, 100, 0.1), 1, 1e-12);
    EXPECT_NEAR(rate_at(55, 100, 0.1), 0.505, 1e-12);
    for (int step = 11; step < 100; ++step) {
        EXPECT_LT(rate_at(step, 100, 0.1), rate_at(step - 1, 100, 0.1));
    }
    EXPECT_LT(rate_at(99, 100, 0.1), 0.011);
    EXPECT_EQ(rate_at(0, 1, 0), 1);
}

// ---- the attention pool ----

TimeSteps random_steps(std::size_t rows, std::size_t width) {
    Random random(5, "steps");
    TimeSteps steps;
    steps.dimensions = width;
    for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t count = 2 + i % 5;
        for (std::size_t j = 0; j < count * width; ++j) {
            steps.values.push_back(static_cast<float>(random.normal()));
        }
        steps.first.push_back(steps.first.back() + count);
    }
    return steps;
}

TEST(AttentionPool, ItsGradientIsThatOfFiniteDifferences) {
    const std::vector<std::size_t> rows = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    const TimeSteps steps = random_steps(9, 6);
    for (const TaskKind kind : every_kind) {
        const Targets targets = random_targets(kind, 9, 3);
        const TaskLoss loss(targets, rows);
        AttentionPool pool(steps, loss, 2, 1, 1);
        const auto blocks = pool.parameters();
        Random random(6, "weights");
        for (const ParameterBlock& block : blocks) {
            for (float& value : block.values) value = static_cast<float>(random.normal());
        }
        EXPECT_NEAR(pool.learn(rows, 0), pool.measure(rows), 1e-12);
        for (const ParameterBlock& block : blocks) {
            for (std::size_t i = 0; i < block.values.size(); ++i) {
                const float before = block.values[i];
                block.values[i] = before + 0.01F;
                const double high = pool.measure(rows);
                const double span = block.values[i];
                block.values[i] = before - 0.01F;
                const double low = pool.measure(rows);
                const double slope = (high - low) / (span - double{block.values[i]});
                block.values[i] = before;
                EXPECT_NEAR(block.gradient[i], slope, 2e-4 + 2e-4 * std::abs(slope));
            }
        }
    }
}

TEST(AttentionPool, SharesSumToOneAndWithoutAQueryItIsTheMean) {
    const std::vector<std::size_t> rows = {0, 1, 2};
    const TimeSteps steps = random_steps(3, 4);
    const Targets targets = random_targets(TaskKind::regression, 3, 1);
    const TaskLoss loss(targets, rows);
    AttentionPool pool(steps, loss, 1, 1, 1);
    double sum = 0;
    for (const double share : pool.attention(2, 0)) sum += share;
    EXPECT_NEAR(sum, 1, 1e-12);
    const auto blocks = pool.parameters();
    std::fill(blocks[0].values.begin(), blocks[0].values.end(), 0.0F);
    std::fill(blocks[1].values.begin(), blocks[1].values.end(), 1.0F);
    double mean = 0;
    for (std::size_t t = steps.first[2]; t < steps.first[3]; ++t) {
        for (const float value : steps.step(t)) mean += value;
    }
    EXPECT_NEAR(pool.outputs(2)[0], mean / static_cast<double>(steps.first[3] - steps.first[2]),
                1e-6);
}

struct Problem {
    TimeSteps steps;
    EvaluationRows rows;
    Task task;
    Targets targets;
    FloatMatrix means;
};

// One time step of ten holds the answer, marked by a dimension of its own: the mean over time dims
// it, attention can find it.
Problem needle(std::size_t count) {
    Random random(7, "needle");
    Problem problem;
    problem.task.name = "needle";
    problem.task.label = "label";
    problem.task.kind = problem.targets.kind = TaskKind::multi_class;
    problem.task.classes = {{"A", "A"}, {"B", "B"}};
    problem.targets.classes = 2;
    problem.steps.dimensions = 4;
    problem.means = FloatMatrix(count, 4);
    const char* splits[] = {"train", "train", "train", "val", "test"};
    for (std::size_t i = 0; i < count; ++i) {
        problem.rows.records.push_back(fmt::format("r{}", i));
        problem.rows.patients.push_back(fmt::format("p{}", i));
        problem.rows.splits.push_back(splits[i % 5]);
        const int answer = static_cast<int>(random.below(2));
        problem.targets.known.push_back(1);
        problem.targets.class_index.push_back(answer);
        const std::size_t place = random.below(10);
        for (std::size_t t = 0; t < 10; ++t) {
            const float x[4] = {
                t == place ? 6.0F : 0.0F,
                static_cast<float>(t == place ? (answer == 1 ? 2 : -2) : 4 * random.normal()),
                static_cast<float>(random.normal()), static_cast<float>(random.normal())};
            for (std::size_t d = 0; d < 4; ++d) {
                problem.steps.values.push_back(x[d]);
                problem.means.at(i, d) += x[d] / 10;
            }
        }
        problem.steps.first.push_back(10 * (i + 1));
    }
    return problem;
}

AttentionPoolOptions quick_options() {
    AttentionPoolOptions options;
    options.heads = 2;
    options.steps.learning_rate = 0.03;
    options.scoring.bootstrap.resamples = 50;
    return options;
}

TEST(AttentionPool, FindsWhatAMeanOverTimeDims) {
    const Problem problem = needle(500);
    const TaskResult pool =
        attention_pool(problem.steps, problem.rows, problem.task, problem.targets, quick_options());
    const TaskResult probe =
        linear_probe(problem.means, problem.rows, problem.task, problem.targets);
    EXPECT_GT(*pool.scores.metric("macro-auroc").value, 0.97);
    EXPECT_LT(*probe.scores.metric("macro-auroc").value, 0.75);
    EXPECT_EQ(pool.protocol, "attention-pool");
    EXPECT_FALSE(pool.epochs.empty());
    EXPECT_EQ(pool.fitted_rows, 300U);
}

TEST(AttentionPool, TheSameForAnyNumberOfThreadsAndAnotherForAnotherSeed) {
    const Problem problem = needle(120);
    const auto predictions = [&](unsigned threads, std::uint64_t seed) {
        AttentionPoolOptions options = quick_options();
        options.steps.epochs = 3;
        options.steps.threads = threads;
        options.steps.seed = seed;
        return attention_pool(problem.steps, problem.rows, problem.task, problem.targets, options)
            .predictions.values;
    };
    EXPECT_EQ(predictions(1, 1), predictions(3, 1));
    EXPECT_NE(predictions(1, 1), predictions(1, 2));
}

TEST(AttentionPool, TheTestRowsHaveNoSay) {
    Problem problem = needle(120);
    AttentionPoolOptions options = quick_options();
    options.steps.epochs = 3;
    const auto run = [&] {
        return attention_pool(problem.steps, problem.rows, problem.task, problem.targets, options);
    };
    const auto before = run().predictions.values;
    for (std::size_t i = 0; i < 120; ++i) {
        if (problem.rows.splits[i] == "test") problem.targets.class_index[i] ^= 1;
    }
    EXPECT_EQ(before, run().predictions.values);
    problem.rows.patients[0] = "p4";  // a test patient
    EXPECT_THROW(run(), InputError);
}

}  // namespace
}  // namespace clef
