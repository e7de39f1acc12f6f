// Fine-tuning of encoders of every family.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "cohort/datasets/dataset.hpp"
#include "evaluation/probe.hpp"
#include "problem.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

using testing::family_problem;
using testing::make_problem;
using testing::Problem;

// On one thread: many small tensors are no work for two.
FineTuneOptions quick_options() {
    FineTuneOptions options = testing::quick_options();
    options.steps.threads = 1;
    return options;
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
            EXPECT_NEAR(testing::rise_along_gradient(tuner, rows, 0.05, 2e-3), 1, 0.02) << family;
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
            const auto outputs = testing::predicted(session, problem.windows, result.head, row);
            for (std::size_t k = 0; k < 2; ++k) {
                EXPECT_NEAR(outputs[k], result.predictions.at(row, k), 1e-4) << family;
            }
        }
    }
}

// Running statistics included: the predictions have the validation loss of that epoch.
TEST(FamilyFineTuning, EndsWithTheNumbersOfTheBestEpoch) {
    std::set<std::string> worsened;
    for (const std::string& family : testing::tiny_families()) {
        const Problem problem = family_problem(family, TaskKind::multi_class, 60);
        FineTuneOptions options = quick_options();
        options.steps.epochs = 12;
        options.steps.patience = 12;
        options.steps.learning_rate = 0.1;  // too fast: it gets worse again
        const TaskResult result = fine_tune(problem.encoder, problem.windows, problem.rows,
                                            problem.task, problem.targets, options);
        if (result.best_epoch + 1 < result.epochs.size()) worsened.insert(family);
        double loss = 0, rows = 0;
        for (std::size_t row = 0; row < 60; ++row) {
            if (problem.rows.splits[row] != "val") continue;
            const auto answer = static_cast<std::size_t>(problem.targets.class_index[row]);
            loss -= std::log(result.predictions.at(row, answer));
            ++rows;
        }
        EXPECT_NEAR(loss / rows, result.epochs[result.best_epoch].validation_loss, 1e-5) << family;
    }
    // Of the others the last epoch is the best, which shows nothing.
    EXPECT_GE(worsened.size(), 2U);
    EXPECT_TRUE(worsened.contains("xresnet1d")) << "the family with running statistics";
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
        std::set<std::size_t> depths;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const TrainableEncoder::Parameter& one = parameters[i];
            const bool statistics = one.name.find("running_") != std::string::npos;
            EXPECT_EQ(one.learns, !statistics) << one.name;
            EXPECT_EQ(blocks[i].rate == 0, statistics) << one.name;
            if (statistics) {
                EXPECT_FALSE(blocks[i].decays) << one.name;
                continue;
            }
            depths.insert(one.depth);
            EXPECT_EQ(blocks[i].rate,
                      std::pow(0.5, static_cast<double>(encoder->depth() - one.depth)))
                << one.name;
            const bool head = one.name.starts_with("dense.");
            if (head) {
                EXPECT_EQ(one.depth, encoder->depth());
            }
            // Of weights, not of vectors: norms, what stands for a lead or a missing patch.
            const bool vector = !head && problem.encoder.tensors.at(one.name).shape.size() == 1;
            EXPECT_EQ(blocks[i].decays, !vector && !one.name.ends_with("bias")) << one.name;
        }
        EXPECT_EQ(depths.size(), encoder->depth() + 1) << family;
        EXPECT_EQ(*depths.begin(), 0U) << family;
    }
}

// Whatever stands there: in whole windows, and in crops, which lie behind it.
TEST(FamilyFineTuning, PaddingHasNoSay) {
    for (const char* family : {"moirai", "moment"}) {
        Problem problem = family_problem(family, TaskKind::multi_label, 60);
        const std::size_t before = std::string(family) == "moirai" ? 14 : 16;  // whole patches
        problem.windows.observed.assign(problem.windows.values.size(), 1);
        for (std::size_t i = 0; i < problem.windows.observed.size(); ++i) {
            if (i % 30 < before) problem.windows.observed[i] = 0;
        }
        for (const double samples : {0.0, 8.0, 20.0}) {
            const auto predict = [&](float padding) {
                for (std::size_t i = 0; i < problem.windows.values.size(); ++i) {
                    if (problem.windows.observed[i] == 0) problem.windows.values[i] = padding;
                }
                FineTuneOptions options = quick_options();
                options.steps.epochs = 2;
                options.crop_seconds = samples / problem.encoder.recipe.sampling_rate;
                return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                                 problem.targets, options)
                    .predictions.values;
            };
            EXPECT_EQ(predict(0), predict(3)) << family << " " << samples;
        }
    }
}

TEST(FamilyFineTuning, ABatchInPartsLearnsWhatAWholeOneLearns) {
    for (const char* family : {"st-mem", "moirai", "moment"}) {
        const Problem problem = family_problem(family, TaskKind::multi_class, 60);
        const auto predictions = [&](std::size_t kept_numbers) {
            FineTuneOptions options = quick_options();
            options.steps.epochs = 2;
            options.kept_numbers = kept_numbers;
            return fine_tune(problem.encoder, problem.windows, problem.rows, problem.task,
                             problem.targets, options)
                .predictions.values;
        };
        const auto whole = predictions(most_kept_numbers);
        const auto parts = predictions(1);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            EXPECT_NEAR(parts[i], whole[i], 1e-3) << family;
        }
    }
}

TEST(FamilyFineTuning, StartsFromTheTrainingPrevalences) {
    std::vector<std::string> families = testing::tiny_families();
    families.push_back("net1d");
    for (const std::string& family : families) {
        for (const TaskKind kind :
             {TaskKind::multi_label, TaskKind::multi_class, TaskKind::regression}) {
            const Problem problem =
                family == "net1d" ? make_problem(kind, 20) : family_problem(family, kind, 20);
            const std::vector<std::size_t> rows = {0, 1, 2, 5, 6};
            const TaskLoss loss(problem.targets, rows);
            FineTuner tuner(problem.encoder, problem.windows, loss, quick_options());
            const Matrix outputs = tuner.outputs(rows);
            for (std::size_t k = 0; k < loss.outputs(); ++k) {
                EXPECT_NEAR(outputs.at(3, k), loss.prior()[k], 1e-6) << family;
            }
            EXPECT_NEAR(tuner.learn(rows, 0), tuner.measure(rows), 1e-6) << family;
        }
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
        for (std::size_t row = 0; row < 10; ++row) {
            const auto outputs = testing::predicted(session, problem.windows, result.head, row);
            for (std::size_t k = 0; k < 2; ++k) {
                EXPECT_NEAR(outputs[k], result.predictions.at(row, k), 1e-4) << family;
            }
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
