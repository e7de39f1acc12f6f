// Fine-tuning of encoders of every family.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "cohort/datasets/dataset.hpp"
#include "evaluation/probe.hpp"
#include "families.hpp"
#include "problem.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"
#include "training/trainable_encoder.hpp"

namespace clef {
namespace {

using testing::make_problem;
using testing::Problem;

// On one thread: many small tensors are no work for two.
FineTuneOptions quick_options() {
    FineTuneOptions options = testing::quick_options();
    options.steps.threads = 1;
    return options;
}

// Windows of two of the encoder's three leads, in an order of their own.
Problem family_problem(const std::string& family, TaskKind kind, std::size_t count) {
    Problem problem = make_problem(kind, count, 30, 2, 0.3);
    problem.encoder = testing::tiny_model(family);
    problem.windows.channels = {2, 0};
    return problem;
}

std::map<std::string, std::vector<float>> gradients_of(TrainableEncoder& encoder) {
    std::map<std::string, std::vector<float>> result;
    for (const TrainableEncoder::Parameter& one : encoder.parameters()) {
        result[one.name] = {one.gradient.begin(), one.gradient.end()};
    }
    return result;
}

TEST(TrainableEncoder, PartsOfABatchGiveTheGradientOfTheWhole) {
    for (const char* family : {"st-mem", "moirai", "moment"}) {
        const Problem problem = family_problem(family, TaskKind::multi_class, 20);
        const ViewBatch views{problem.windows.values, problem.windows.first.back(), 30,
                              problem.windows.channels};
        std::vector<std::map<std::string, std::vector<float>>> found;
        for (const std::size_t kept : {std::size_t{1}, std::size_t{300'000}, most_kept_numbers}) {
            const auto encoder = trainable_module(problem.encoder, {0.3, -0.2}, 1, kept);
            for (const TrainableEncoder::Parameter& one : encoder->parameters()) {
                if (one.name != "dense.weight") continue;
                for (std::size_t i = 0; i < one.values.size(); ++i) {
                    one.values[i] = std::sin(static_cast<float>(i));
                }
            }
            std::size_t parts = 0, seen = 0;
            encoder->learn(views, [&](std::size_t first, std::size_t count, const float* outputs,
                                      float* gradient) {
                EXPECT_EQ(first, seen);
                for (std::size_t i = 0; i < 2 * count; ++i) gradient[i] = std::cos(outputs[i]);
                seen += count;
                ++parts;
            });
            EXPECT_EQ(seen, views.count);
            if (kept == 1) {
                EXPECT_EQ(parts, views.count);
            }
            if (kept == most_kept_numbers) {
                EXPECT_EQ(parts, 1U);
            }
            found.push_back(gradients_of(*encoder));
        }
        for (const auto& [name, whole] : found[2]) {
            float largest = 0;
            for (const float value : whole) largest = std::max(largest, std::abs(value));
            // A lead that no window holds has no say, nor what stands for a missing patch.
            EXPECT_EQ(largest > 0, name != "lead_embeddings.1" && !name.ends_with("mask_embedding"))
                << name;
            for (std::size_t i = 0; i < whole.size(); ++i) {
                ASSERT_NEAR(found[0][name][i], whole[i], 1e-4F * largest + 1e-6F) << name;
                ASSERT_NEAR(found[1][name][i], whole[i], 1e-4F * largest + 1e-6F) << name;
            }
        }
    }
}

// The head's too, through the loss of every kind of task.
TEST(FamilyFineTuning, ItsGradientIsThatOfFiniteDifferences) {
    for (const char* family : {"st-mem", "moirai", "moment"}) {
        for (const TaskKind kind :
             {TaskKind::multi_label, TaskKind::multi_class, TaskKind::regression}) {
            const Problem problem = family_problem(family, kind, 12);
            const std::vector<std::size_t> rows = {1, 2, 3, 4};
            const TaskLoss loss(problem.targets, rows);
            FineTuner tuner(problem.encoder, problem.windows, loss, quick_options());
            Random random(4, "everything");
            for (const ParameterBlock& block : tuner.parameters()) {
                for (float& value : block.values) {
                    value += static_cast<float>(random.normal(0, 0.05));
                }
            }
            tuner.learn(rows, 0);
            double squares = 0;
            for (const ParameterBlock& block : tuner.parameters()) {
                for (const float value : block.gradient) squares += double{value} * value;
            }
            const double step = 2e-3 / squares;
            const auto moved = [&](double factor) {
                for (const ParameterBlock& block : tuner.parameters()) {
                    for (std::size_t i = 0; i < block.values.size(); ++i) {
                        block.values[i] += static_cast<float>(factor * block.gradient[i]);
                    }
                }
                return tuner.measure(rows);
            };
            const double high = moved(step);
            const double low = moved(-2 * step);
            EXPECT_NEAR((high - low) / (2 * step) / squares, 1, 0.02) << family;
        }
    }
}

TEST(FamilyFineTuning, LearnsAndTheRuntimeGivesItsPredictions) {
    for (const std::string& family : testing::tiny_families()) {
        const Problem problem = family_problem(family, TaskKind::multi_label, 160);
        FineTuneOptions options = quick_options();
        options.steps.epochs = 25;
        options.steps.learning_rate = 1e-2;
        const TaskResult result = fine_tune(problem.encoder, problem.windows, problem.rows,
                                            problem.task, problem.targets, options);
        EXPECT_GT(*result.scores.metric("macro-auroc").value, 0.85) << family;
        EXPECT_LT(result.epochs[result.best_epoch].validation_loss,
                  0.9 * result.epochs[0].validation_loss)
            << family;
        ASSERT_TRUE(result.encoder);
        check_tensors(*result.encoder, family);
        // Of the best epoch, running statistics included.
        const Session session(*result.encoder);
        for (std::size_t row = 0; row < 10; ++row) {
            std::vector<double> outputs(2, 0);
            const std::size_t first = problem.windows.first[row];
            const std::size_t count = problem.windows.first[row + 1] - first;
            for (std::size_t w = first; w < first + count; ++w) {
                const auto embedding =
                    session.run(problem.windows.window(w), problem.windows.channels);
                for (std::size_t k = 0; k < 2; ++k) {
                    double sum = result.head.intercepts[k];
                    for (std::size_t d = 0; d < embedding.size(); ++d) {
                        sum += result.head.weights.at(k, d) * embedding[d];
                    }
                    outputs[k] += sum / static_cast<double>(count);
                }
            }
            activate(Activation::sigmoid, outputs);
            for (std::size_t k = 0; k < 2; ++k) {
                EXPECT_NEAR(outputs[k], result.predictions.at(row, k), 1e-4) << family;
            }
        }
    }
}

TEST(FamilyFineTuning, TheSameOnTwoThreadsToRounding) {
    for (const std::string& family : testing::tiny_families()) {
        const Problem problem = family_problem(family, TaskKind::multi_class, 60);
        const auto predictions = [&](unsigned threads, std::uint64_t seed) {
            FineTuneOptions options = quick_options();
            options.steps.epochs = 2;
            options.steps.threads = threads;
            options.steps.seed = seed;
            return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                             problem.targets, options)
                .predictions.values;
        };
        const auto one = predictions(1, 1);
        EXPECT_EQ(one, predictions(1, 1)) << family;
        EXPECT_NE(one, predictions(1, 2)) << family;
        const auto two = predictions(2, 1);
        std::size_t different = 0;
        for (std::size_t i = 0; i < one.size(); ++i) {
            EXPECT_NEAR(one[i], two[i], 1e-3) << family;
            different += one[i] != two[i];
        }
        ::testing::Test::RecordProperty(family, static_cast<int>(different));
    }
}

TEST(FamilyFineTuning, LayersNearerTheStemLearnSlowerAndStatisticsNotByGradients) {
    for (const std::string& family : testing::tiny_families()) {
        const Problem problem = family_problem(family, TaskKind::multi_class, 12);
        const std::vector<std::size_t> rows = {0, 1};
        const TaskLoss loss(problem.targets, rows);
        FineTuneOptions options = quick_options();
        options.layer_decay = 0.5;
        FineTuner tuner(problem.encoder, problem.windows, loss, options);
        const auto encoder = make_trainable_encoder(problem.encoder, loss.prior(), 1);
        const auto parameters = encoder->parameters();
        const auto blocks = tuner.parameters();
        ASSERT_EQ(parameters.size(), blocks.size());
        double lowest = 1;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const TrainableEncoder::Parameter& one = parameters[i];
            const bool statistics = one.name.find("running_") != std::string::npos;
            EXPECT_EQ(one.learns, !statistics) << one.name;
            EXPECT_EQ(blocks[i].rate == 0, statistics) << one.name;
            if (statistics) {
                EXPECT_FALSE(blocks[i].decays) << one.name;
                continue;
            }
            lowest = std::min(lowest, blocks[i].rate);
            if (one.name.starts_with("dense.")) {
                EXPECT_EQ(blocks[i].rate, 1);
            }
            if (one.name.ends_with("bias")) {
                EXPECT_FALSE(blocks[i].decays) << one.name;
            }
        }
        EXPECT_EQ(lowest, std::pow(0.5, static_cast<double>(encoder->depth()))) << family;
    }
}

// Padding in front of Moirai's windows, and behind MOMENT's, in training and in prediction.
TEST(FamilyFineTuning, MissingSamplesStayMissing) {
    for (const char* family : {"moirai", "moment"}) {
        Problem problem = family_problem(family, TaskKind::multi_label, 60);
        problem.windows.observed.assign(problem.windows.values.size(), 1);
        for (std::size_t i = 0; i < problem.windows.values.size(); ++i) {
            const std::size_t t = i % 30;
            const bool padded = std::string(family) == "moirai" ? t < 9 : t >= 21;
            if (padded) problem.windows.observed[i] = 0;
        }
        const auto predict = [&] {
            return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                             problem.targets, quick_options());
        };
        const TaskResult result = predict();
        const Session session(*result.encoder);
        Window window;
        const std::size_t row = 1;  // of one window
        const auto values = problem.windows.window(problem.windows.first[row]);
        const auto marks = problem.windows.marks(problem.windows.first[row]);
        window.samples.assign(values.begin(), values.end());
        window.observed.assign(marks.begin(), marks.end());
        window.channels = problem.windows.channels;
        const auto embedding = session.run(window);
        for (std::size_t k = 0; k < 2; ++k) {
            double output = result.head.intercepts[k];
            for (std::size_t d = 0; d < embedding.size(); ++d) {
                output += result.head.weights.at(k, d) * embedding[d];
            }
            EXPECT_NEAR(1 / (1 + std::exp(-output)), result.predictions.at(row, k), 1e-4) << family;
        }
        const auto before = result.predictions.values;
        problem.windows.observed.clear();
        EXPECT_NE(predict().predictions.values, before) << family;
    }
}

std::string digest_of(const Model& model) {
    Sha256 digest;
    for (const auto& [name, tensor] : model.tensors) {
        digest.update(std::as_bytes(std::span(name)));
        digest.update(std::span<const std::byte>(tensor.data));
    }
    return digest.hex();
}

TEST(FamilyFineTuning, AProbeLeavesTheWeightsAsTheyAreAndFineTuningDoesNot) {
    for (const std::string& family : testing::tiny_families()) {
        const Problem problem = family_problem(family, TaskKind::multi_label, 60);
        const std::string before = digest_of(problem.encoder);
        const Session session(problem.encoder);
        FloatMatrix embeddings(60, session.output_size());
        for (std::size_t row = 0; row < 60; ++row) {
            const auto embedding = session.run(problem.windows.window(problem.windows.first[row]),
                                               problem.windows.channels);
            std::copy(embedding.begin(), embedding.end(), embeddings.row(row).begin());
        }
        ProbeOptions options;
        options.scoring.bootstrap.resamples = 50;
        linear_probe(embeddings, problem.rows, problem.task, problem.targets, options);
        EXPECT_EQ(digest_of(problem.encoder), before) << family;
        const TaskResult tuned = fine_tune(problem.encoder, problem.windows, problem.rows,
                                           problem.task, problem.targets, quick_options());
        EXPECT_EQ(digest_of(problem.encoder), before) << family;
        EXPECT_NE(digest_of(*tuned.encoder), before) << family;
    }
}

// On real leads, in the published sizes: the loss of the same windows, before a step and after it.
TEST(FamilyFineTuning, AStepLowersTheLossOnRealRecordings) {
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const std::filesystem::path folders[] = {testing::shared_folder() / "data/ptbxl"};
    IndexOptions only_here;
    only_here.skip_missing = true;
    Cohort cohort = find_dataset("ptbxl").index(folders, only_here).cohort;
    ASSERT_GE(cohort.rows.size(), 8U);
    cohort.rows.resize(8);
    Targets targets;
    targets.kind = TaskKind::multi_class;
    targets.classes = 2;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        rows.push_back(i);
        targets.known.push_back(1);
        targets.class_index.push_back(cohort.rows[i].factors.sex == Sex::male);
    }
    const TaskLoss loss(targets, rows);
    struct Case {
        const char* architecture;
        int leads;
        std::vector<std::string> names;
    };
    const std::vector<Case> cases = {{"clef-small", 1, {"II"}},
                                     {"ecgfounder", 1, {"I"}},
                                     {"ked", 12, {}},
                                     {"st-mem", 12, {"V5"}},
                                     {"moirai-1.1-r-small", 12, {"II", "V1"}},
                                     {"moment-1-small", 12, {"II", "V1"}}};
    for (const Case& one : cases) {
        const Model model = random_model(one.architecture, one.leads, 7);
        EmbedOptions how;
        how.leads = one.names;
        const WindowSet windows = collect_windows(cohort, Preprocessor(model.recipe), how, 1);
        ASSERT_EQ(windows.leads, one.names.empty() ? 12 : one.names.size());
        FineTuner tuner(model, windows, loss, quick_options());
        // A head without weights would keep the gradient to itself.
        Random random(8, "head");
        for (const ParameterBlock& block : tuner.parameters()) {
            if (block.values.size() != 2 * tuner.head(targets.kind).weights.columns) continue;
            const bool zeros = std::all_of(block.values.begin(), block.values.end(),
                                           [](float value) { return value == 0; });
            if (!zeros) continue;
            for (float& value : block.values) value = static_cast<float>(random.normal(0, 0.05));
        }
        BlockAdamW optimiser(tuner.parameters(), {});
        const double before = tuner.learn(rows, 0);
        optimiser.step(1e-6, 1);
        const double after = tuner.learn(rows, 0);
        EXPECT_LT(after, before) << one.architecture;
        const Model moved = tuner.model();
        std::size_t changed = 0;
        for (const auto& [name, tensor] : moved.tensors) {
            changed += tensor.data != model.tensors.at(name).data;
        }
        EXPECT_GT(changed, model.tensors.size() / 3) << one.architecture;
        ::testing::Test::RecordProperty(one.architecture,
                                        fmt::format("{:.6f} to {:.6f}", before, after));
    }
}

}  // namespace
}  // namespace clef
