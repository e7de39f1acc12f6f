// A head in a model file: the same predictions by the runtime as by the probe.
#include "evaluation/headed_model.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>

#include "base/error.hpp"
#include "base/random.hpp"
#include "encoder/model_head.hpp"
#include "evaluation/probe.hpp"
#include "families.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

struct Fitted {
    Model encoder;
    std::vector<std::vector<float>> windows;
    TaskResult result;
};

// A probe of an encoder's outputs on noise, whatever it may be worth.
Fitted fitted(const std::string& architecture, TaskKind kind) {
    Random random(14, "headed");
    Fitted made{random_model(architecture, 1, 5), {}, {}};
    const Session session(made.encoder);
    Task task;
    task.name = "noise";
    task.label = "loudness";
    task.kind = kind;
    task.unit = kind == TaskKind::regression ? "dB" : "";
    Targets targets;
    targets.kind = kind;
    if (kind != TaskKind::regression) {
        task.classes = {{"A", "first"}, {"B", "second"}};
        targets.classes = 2;
    }
    FloatMatrix embeddings(60, session.output_size());
    EvaluationRows rows;
    const char* splits[] = {"train", "train", "val", "test"};
    for (std::size_t i = 0; i < 60; ++i) {
        std::vector<float> window(300);
        const double loudness = random.uniform(0.5, 2);
        for (float& value : window) value = static_cast<float>(random.normal(0, loudness));
        const auto embedding = session.run(window);
        std::copy(embedding.begin(), embedding.end(), embeddings.row(i).begin());
        made.windows.push_back(std::move(window));
        rows.records.push_back(fmt::format("r{}", i));
        rows.patients.push_back(fmt::format("p{}", i));
        rows.splits.push_back(splits[i % 4]);
        targets.known.push_back(1);
        targets.values.push_back(loudness);
        targets.class_index.push_back(loudness > 1.2);
        targets.indicators.push_back(loudness > 1.2);
        targets.indicators.push_back(random.chance(0.5));
    }
    ProbeOptions options;
    options.scoring.bootstrap.resamples = 20;
    made.result = linear_probe(embeddings, rows, task, targets, options);
    made.result.model = "encoder";
    return made;
}

TEST(HeadedModel, PredictsWhatTheProbePredicted) {
    for (const char* architecture : {"clef-small", "ecgfounder"}) {
        for (const TaskKind kind :
             {TaskKind::multi_label, TaskKind::multi_class, TaskKind::regression}) {
            const Fitted made = fitted(architecture, kind);
            const testing::TemporaryFolder folder;
            const auto path = folder.path() / "head.safetensors";
            write_model(headed_model(made.encoder, made.result), path);
            const Model read = read_model(path);
            const HeadDescription head = describe_head(read, path.string());
            EXPECT_EQ(head.task, "noise");
            const Session session(read);
            ASSERT_EQ(session.output_size(), head.labels.size());
            for (std::size_t i = 0; i < made.windows.size(); i += 7) {
                const auto outputs = session.run(made.windows[i]);
                std::vector<double> scores(outputs.begin(), outputs.end());
                activate(head.activation, scores);
                for (std::size_t k = 0; k < scores.size(); ++k) {
                    const double expected = made.result.predictions.at(i, k);
                    EXPECT_NEAR(scores[k], expected, 2e-3 * (1 + std::abs(expected)))
                        << architecture << " " << i;
                }
            }
            if (kind == TaskKind::regression) {
                EXPECT_EQ(head.labels, std::vector<std::string>{"loudness"});
                EXPECT_EQ(head.unit, "dB");
            } else {
                EXPECT_EQ(head.labels, (std::vector<std::string>{"A", "B"}));
                EXPECT_EQ(read.head.at("names"), (std::vector<std::string>{"first", "second"}));
            }
        }
    }
}

TEST(HeadedModel, OfEveryFamilyIsWrittenReadAndTakenOffAgain) {
    for (const std::string& family : testing::tiny_families()) {
        const Model encoder = testing::tiny_model(family);
        const Session session(encoder);
        const std::vector<std::size_t> channels = {2, 0};
        const auto window = testing::procedural_input("head", std::size_t{2} * 30);
        const auto embedding = session.run(window, channels);
        TaskResult result;
        result.protocol = "probe";
        result.task.name = "noise";
        result.task.kind = TaskKind::multi_label;
        result.task.classes = {{"A", "first"}, {"B", "second"}, {"C", "third"}};
        result.scores.classes.resize(3);
        result.head.weights = Matrix(3, embedding.size());
        for (std::size_t i = 0; i < result.head.weights.values.size(); ++i) {
            result.head.weights.values[i] = std::sin(static_cast<double>(i));
        }
        result.head.intercepts = {0.5, -0.25, 2};
        const testing::TemporaryFolder folder;
        const auto path = folder.path() / "head.safetensors";
        const Model headed = headed_model(encoder, result);
        write_model(headed, path);
        const Model read = read_model(path);
        EXPECT_EQ(model_parameters(read), model_parameters(encoder) + 3 * embedding.size() + 3);
        const Session with_head(read);
        ASSERT_EQ(with_head.output_size(), 3U);
        EXPECT_EQ(with_head.run_time_steps(window, channels),
                  session.run_time_steps(window, channels));
        const auto outputs = with_head.run(window, channels);
        for (std::size_t k = 0; k < 3; ++k) {
            double expected = result.head.intercepts[k];
            for (std::size_t d = 0; d < embedding.size(); ++d) {
                expected += result.head.weights.at(k, d) * embedding[d];
            }
            EXPECT_NEAR(outputs[k], expected, 1e-4) << family;
        }
        // A head on a head: multiplied into it.
        result.task.classes.resize(1);
        result.scores.classes.resize(1);
        result.head.weights = Matrix(1, 3);
        result.head.weights.values = {1, -2, 0.5};
        result.head.intercepts = {0.1};
        const Session twice(headed_model(read, result));
        EXPECT_NEAR(twice.run(window, channels)[0],
                    outputs[0] - 2 * outputs[1] + 0.5 * outputs[2] + 0.1, 1e-3);
        const Model plain = without_head(read);
        check_tensors(plain, family);
        EXPECT_EQ(Session(plain).run(window, channels), embedding);
    }
}

TEST(HeadedModel, AClassThatCouldNotBeLearntIsCertainAndFinite) {
    Fitted made = fitted("clef-small", TaskKind::multi_label);
    made.result.head.intercepts[1] = -std::numeric_limits<double>::infinity();
    const Model model = headed_model(made.encoder, made.result);
    EXPECT_TRUE(std::isfinite(model.tensors.at("dense.bias").floats()[1]));
    std::vector<double> outputs = {0, model.tensors.at("dense.bias").floats()[1]};
    activate(Activation::sigmoid, outputs);
    EXPECT_EQ(outputs[1], 0);
}

TEST(HeadedModel, RefusesWhatHasNoHead) {
    Fitted made = fitted("clef-small", TaskKind::regression);
    EXPECT_THROW(describe_head(made.encoder, "encoder"), InputError);
    Model model = headed_model(made.encoder, made.result);
    model.head["activation"] = "relu";
    EXPECT_THROW(describe_head(model, "model"), InputError);
    model.head = {{"task", 3}};
    EXPECT_THROW(describe_head(model, "model"), InputError);
    made.result.protocol = "attention-pool";
    made.result.head = {};
    EXPECT_THROW(headed_model(made.encoder, made.result), InputError);
    Model founder = random_model("ecgfounder", 1, 1);
    EXPECT_EQ(describe_head(founder, "founder").labels.size(), founder.labels.size());
}

}  // namespace
}  // namespace clef
