// Fine-tuning against libtorch's differentiation and optimiser, finite differences, and the
// runtime.
#include "training/fine_tuning.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"
#include "evaluation/probe.hpp"
#include "problem.hpp"
#include "runtime/session.hpp"
#include "training/net1d_module.hpp"

namespace clef {
namespace {

using testing::make_problem;
using testing::Problem;
using testing::quick_options;

constexpr TaskKind every_kind[] = {TaskKind::multi_label, TaskKind::multi_class,
                                   TaskKind::regression};

TEST(BlockAdamW, TakesTheStepsOfLibtorchs) {
    Random random(1, "parameters");
    std::vector<float> values(50), gradient(50);
    for (float& value : values) value = static_cast<float>(random.normal());
    torch::Tensor theirs = torch::tensor(values).requires_grad_();
    torch::optim::AdamW optimiser({theirs}, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
    AdamOptions options;
    options.weight_decay = 0.1;
    BlockAdamW ours({{values, gradient}}, options);
    for (int step = 0; step < 20; ++step) {
        for (float& value : gradient) value = static_cast<float>(random.normal(0, 0.1));
        theirs.mutable_grad() = torch::tensor(gradient);
        optimiser.step();
        ours.step(0.01);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_NEAR(values[i], theirs[static_cast<std::int64_t>(i)].item<float>(), 2e-6);
    }
}

TEST(BlockAdamW, ClipsTheJointLengthAndKeepsEachBlocksRate) {
    std::vector<float> a = {1}, b = {1}, gradient_a = {3}, gradient_b = {4};
    AdamOptions options;
    options.weight_decay = 0.5;
    options.beta1 = options.beta2 = 0;  // the step is the sign of the gradient
    BlockAdamW optimiser({{a, gradient_a, 1, true}, {b, gradient_b, 0.1, false}}, options);
    optimiser.step(0.01, 1);
    EXPECT_NEAR(a[0], 1 * (1 - 0.005) - 0.01, 1e-6);
    EXPECT_NEAR(b[0], 1 - 0.001, 1e-6);
}

// The gradient of the mean loss by libtorch: cross-entropies and squares of its own.
TEST(FineTuner, ItsLossAndGradientAreLibtorchs) {
    for (const TaskKind kind : every_kind) {
        const Problem problem = make_problem(kind, 12);
        const std::vector<std::size_t> rows = {1, 2, 3, 4, 6, 7, 8, 9, 11};  // one window each
        const TaskLoss loss(problem.targets, rows);
        FineTuner tuner(problem.encoder, problem.windows, loss, quick_options());
        Random random(2, "head");
        for (const ParameterBlock& block : tuner.parameters()) {
            if (block.rate != 1 || block.values.size() > 2 * 512) continue;
            for (float& value : block.values) value += static_cast<float>(random.normal(0, 0.05));
        }
        Model with_head = tuner.model();
        with_head.shape.outputs = static_cast<int>(loss.outputs());
        Net1dModule module(with_head.shape);
        const double found = tuner.learn(rows, 0);

        const LinearHead head = tuner.head(TaskKind::multi_label);  // undone below
        std::map<std::string, torch::Tensor> tensors;
        for (auto& [name, tensor] : module.trained()) {
            torch::Tensor target = tensor.detach();
            if (name.starts_with("dense.")) continue;
            const auto source = with_head.tensors.at(name).floats();
            std::copy(source.begin(), source.end(), target.data_ptr<float>());
        }
        torch::Tensor weight, bias;
        for (auto& [name, tensor] : module.trained()) {
            tensor.set_requires_grad(true);
            tensors[name] = tensor;
        }
        {
            const torch::NoGradGuard guard;
            for (std::size_t i = 0; i < head.weights.values.size(); ++i) {
                tensors["dense.weight"].data_ptr<float>()[i] =
                    static_cast<float>(head.weights.values[i] / loss.deviation());
            }
            for (std::size_t i = 0; i < head.intercepts.size(); ++i) {
                tensors["dense.bias"].data_ptr<float>()[i] =
                    static_cast<float>((head.intercepts[i] - loss.mean()) / loss.deviation());
            }
        }
        torch::Tensor views = torch::empty({9, 1, 200});
        torch::Tensor labels = torch::empty({9, 2}), values = torch::empty({9, 1});
        torch::Tensor classes = torch::empty({9}, torch::kInt64);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto window = problem.windows.window(problem.windows.first[rows[i]]);
            std::copy(window.begin(), window.end(), views.data_ptr<float>() + i * 200);
            const auto at = static_cast<std::int64_t>(i);
            classes[at] = problem.targets.class_index[rows[i]];
            values[at][0] = (problem.targets.values[rows[i]] - loss.mean()) / loss.deviation();
            for (std::int64_t k = 0; k < 2; ++k) {
                labels[at][k] = static_cast<float>(
                    problem.targets.indicators[2 * rows[i] + static_cast<std::size_t>(k)]);
            }
        }
        const torch::Tensor outputs = module.forward(views);
        torch::Tensor theirs;
        if (kind == TaskKind::multi_label) {
            theirs = torch::binary_cross_entropy_with_logits(outputs, labels);
        } else if (kind == TaskKind::multi_class) {
            theirs = torch::nll_loss(torch::log_softmax(outputs, 1), classes);
        } else {
            theirs = 0.5 * (outputs - values).square().mean();
        }
        theirs.backward();
        EXPECT_NEAR(found, theirs.item<double>(), 1e-5 * (1 + found));
        std::size_t compared = 0;
        const auto blocks = tuner.parameters();
        for (const auto& [name, tensor] : tensors) {
            const ParameterBlock* block = nullptr;  // trained() and parameters() are both by name
            std::size_t index = 0;
            for (const auto& [other, ignored] : tensors) {
                if (other == name) block = &blocks.at(index);
                ++index;
            }
            const torch::Tensor gradient = tensor.grad().contiguous();
            ASSERT_EQ(block->gradient.size(), static_cast<std::size_t>(gradient.numel())) << name;
            const double largest = gradient.abs().max().item<double>() + 1e-7;
            for (std::size_t i = 0; i < block->gradient.size(); ++i) {
                ASSERT_NEAR(block->gradient[i], gradient.data_ptr<float>()[i], 2e-3 * largest)
                    << name;
            }
            ++compared;
        }
        EXPECT_EQ(compared, blocks.size());
    }
}

TEST(FineTuner, ItsGradientIsThatOfFiniteDifferences) {
    for (const TaskKind kind : every_kind) {
        const Problem problem = make_problem(kind, 12);
        const std::vector<std::size_t> rows = {1, 2, 3, 4};
        const TaskLoss loss(problem.targets, rows);
        FineTuner tuner(problem.encoder, problem.windows, loss, quick_options());
        EXPECT_NEAR(testing::rise_along_gradient(tuner, rows, 0.02, 1e-3), 1, 0.02);
    }
}

TEST(FineTuning, LearnsEveryKindOfTaskAndItsPartsGiveItsPredictions) {
    for (const TaskKind kind : every_kind) {
        const Problem problem = make_problem(kind, 160);
        FineTuneOptions options = quick_options();
        options.steps.epochs = 15;
        options.steps.learning_rate = 3e-3;
        const TaskResult result = fine_tune(problem.encoder, problem.windows, problem.rows,
                                            problem.task, problem.targets, options);
        if (kind == TaskKind::regression) {
            EXPECT_LT(*result.scores.metric("mae").value, 7);
        } else {
            EXPECT_GT(*result.scores.metric("macro-auroc").value, 0.9);
        }
        ASSERT_TRUE(result.encoder);
        EXPECT_LT(result.epochs[result.best_epoch].training_loss, result.epochs[0].training_loss);
        const Session session(*result.encoder);
        for (std::size_t row = 0; row < 10; ++row) {
            const auto outputs = testing::predicted(session, problem.windows, result.head, row);
            for (std::size_t k = 0; k < outputs.size(); ++k) {
                const double expected = result.predictions.at(row, k);
                EXPECT_NEAR(outputs[k], expected, 1e-4 * (1 + std::abs(expected)));
            }
        }
    }
}

TEST(FineTuning, TheSameForAnyNumberOfThreadsAndAnotherForAnotherSeed) {
    const Problem problem = make_problem(TaskKind::multi_class, 60);
    const auto predictions = [&](unsigned threads, std::uint64_t seed, double crop) {
        FineTuneOptions options = quick_options();
        options.steps.epochs = 2;
        options.steps.threads = threads;
        options.steps.seed = seed;
        options.crop_seconds = crop;
        return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                         problem.targets, options)
            .predictions.values;
    };
    EXPECT_EQ(predictions(1, 1, 0), predictions(3, 1, 0));
    EXPECT_EQ(predictions(1, 1, 0.2), predictions(2, 1, 0.2));
    EXPECT_NE(predictions(1, 1, 0), predictions(1, 2, 0));
    EXPECT_NE(predictions(1, 1, 0), predictions(1, 1, 0.2));
}

TEST(FineTuning, TheTestRowsHaveNoSay) {
    Problem problem = make_problem(TaskKind::multi_label, 60);
    FineTuneOptions options = quick_options();
    options.steps.epochs = 2;
    const auto run = [&] {
        return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                         problem.targets, options);
    };
    const auto before = run().predictions.values;
    for (std::size_t i = 0; i < 60; ++i) {
        if (problem.rows.splits[i] == "test") problem.targets.indicators[2 * i] ^= 1;
    }
    EXPECT_EQ(before, run().predictions.values);
    problem.rows.patients[0] = "p3";  // a test patient
    EXPECT_THROW(run(), InputError);
}

TEST(FineTuning, LayersNearerTheStemLearnSlower) {
    const Problem problem = make_problem(TaskKind::multi_class, 12);
    const std::vector<std::size_t> rows = {0, 1};
    const TaskLoss loss(problem.targets, rows);
    FineTuneOptions options = quick_options();
    options.layer_decay = 0.5;
    FineTuner tuner(problem.encoder, problem.windows, loss, options);
    const auto numbers = net1d_blocks(problem.encoder.shape);
    const auto depth_of = [&](const std::string& name) {
        if (name.starts_with("dense.")) return numbers.size() + 1;
        for (std::size_t b = 0; b < numbers.size(); ++b) {
            if (name.starts_with(numbers[b].prefix)) return b + 1;
        }
        return std::size_t{0};
    };
    const auto encoder = make_trainable_encoder(problem.encoder, loss.prior(), 1);
    const auto parameters = encoder->parameters();
    const auto blocks = tuner.parameters();
    ASSERT_EQ(parameters.size(), blocks.size());
    std::set<double> rates;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::string& name = parameters[i].name;
        const std::size_t below = numbers.size() + 1 - depth_of(name);
        EXPECT_EQ(blocks[i].rate, std::pow(0.5, static_cast<double>(below))) << name;
        EXPECT_EQ(blocks[i].decays, !name.ends_with("bias")) << name;
        rates.insert(blocks[i].rate);
    }
    EXPECT_EQ(rates.size(), numbers.size() + 2);
}

// Every view that an epoch may show is one of the row's windows, or a crop of it, normalised anew.
TEST(FineTuner, DrawsWindowsAndCropsOfThem) {
    const Problem problem = make_problem(TaskKind::multi_label, 12);
    const std::vector<std::size_t> row = {0};  // of two windows
    const TaskLoss loss(problem.targets, std::vector<std::size_t>{0, 1, 2, 3});
    const Preprocessor preprocessor(problem.encoder.recipe);
    for (const std::size_t samples : {200U, 50U}) {
        FineTuneOptions options = quick_options();
        options.crop_seconds = static_cast<double>(samples) / 500;
        FineTuner tuner(problem.encoder, problem.windows, loss, options);
        Random random(5, "head");
        for (const ParameterBlock& block : tuner.parameters()) {
            for (float& value : block.values) value += static_cast<float>(random.normal(0, 0.02));
        }
        const LinearHead head = tuner.head(TaskKind::multi_label);
        const Session session(tuner.model());
        std::vector<double> possible;
        for (std::size_t window = 0; window < 2; ++window) {
            for (std::size_t offset = 0; offset + samples <= 200; ++offset) {
                const auto part = problem.windows.window(window).subspan(offset, samples);
                std::vector<float> view(part.begin(), part.end());
                if (samples < 200) preprocessor.normalise(view);
                possible.push_back(loss.of(0, testing::outputs_of(head, session.run(view))));
            }
        }
        std::set<std::size_t> drawn;
        for (int epoch = 0; epoch < 60; ++epoch) {
            const double found = tuner.learn(row, epoch);
            const auto nearest = std::min_element(
                possible.begin(), possible.end(),
                [&](double a, double b) { return std::abs(a - found) < std::abs(b - found); });
            EXPECT_NEAR(found, *nearest, 1e-5);
            drawn.insert(static_cast<std::size_t>(nearest - possible.begin()));
        }
        const std::size_t offsets = possible.size() / 2;
        EXPECT_EQ(*drawn.begin() / offsets, 0U);
        EXPECT_EQ(*drawn.rbegin() / offsets, 1U);
        EXPECT_GE(drawn.size(), samples == 200 ? 2U : 35U);
        if (samples < 200) {
            EXPECT_LT(*drawn.begin() % offsets, 15U);
            EXPECT_GT(*drawn.rbegin() % offsets, 135U);
        }
    }
}

TEST(FineTuning, ADenseLayerIsLeftOut) {
    Problem problem = make_problem(TaskKind::multi_class, 12);
    const std::vector<std::size_t> rows = {0, 1};
    const TaskLoss loss(problem.targets, rows);
    const Model founder = random_model("ecgfounder", 1, 1);
    const Model plain = FineTuner(founder, problem.windows, loss, quick_options()).model();
    EXPECT_EQ(plain.shape.outputs, 0);
    EXPECT_FALSE(plain.tensors.contains("dense.weight"));
    check_tensors(plain, "the fine-tuned encoder");
}

}  // namespace
}  // namespace clef
