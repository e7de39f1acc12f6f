// Every objective through whole runs: resumed bit for bit, accumulated, validated, stopped early.
#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "encoder/model.hpp"
#include "encoder/safetensors.hpp"
#include "shared.hpp"
#include "training/embedding_measures.hpp"
#include "training/selection.hpp"
#include "training/trainer.hpp"

namespace clef {
namespace {

class Runs : public ::testing::Test {
  protected:
    Runs() {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 20;
        simulator.recordings = 1;
        cohort_ = simulate(simulator, folder_.path() / "cohort");
        for (std::size_t i = 0; i < cohort_.rows.size(); ++i) {
            cohort_.rows[i].split = i < 12 ? "train" : i < 18 ? "val" : "test";
            cohort_.rows[i].risk = 0.01 * static_cast<double>(i);
            cohort_.rows[i].missing = 0.2;
        }
    }
    PretrainRequest request(const std::string& run, std::int64_t steps,
                            const std::string& config) const {
        PretrainRequest result;
        result.options =
            read_options(config, {"run.batch=4", "run.log_every=1", "views.crop_seconds=1",
                                  "optimiser.schedule=constant", "optimiser.warm_up_steps=0"});
        result.options.objective.queue = 10;
        result.options.steps = steps;
        result.folder = folder_.path() / run;
        result.threads = 2;
        return result;
    }
    Tensors state(const std::string& run) const {
        Tensors tensors = read_safetensors(folder_.path() / run / "model.safetensors").tensors;
        return tensors;
    }
    std::vector<nlohmann::json> log(const std::string& run) const {
        std::istringstream lines(read_text_file(folder_.path() / run / "log.jsonl"));
        std::vector<nlohmann::json> entries;
        for (std::string line; std::getline(lines, line);) {
            entries.push_back(nlohmann::json::parse(line));
        }
        return entries;
    }

    testing::TemporaryFolder folder_;
    Cohort cohort_;
};

class ObjectiveRun : public Runs, public ::testing::WithParamInterface<const char*> {};

// The momentum of BYOL depends on the run's whole length, as its article has it; so the run that is
// cut is asked to stop, and not told to be shorter.
TEST_P(ObjectiveRun, GoesOnBitForBitWithItsQueueMomentumEncoderAndPredictor) {
    pretrain(cohort_, request("whole", 5, GetParam()));
    PretrainRequest parts = request("parts", 5, GetParam());
    parts.stop_after = 3;
    EXPECT_TRUE(pretrain(cohort_, parts).interrupted());
    parts.resume = true;
    parts.stop_after = 0;
    EXPECT_EQ(pretrain(cohort_, parts).steps, 5);
    const Tensors expected = state("whole");
    for (const auto& [name, tensor] : state("parts")) {
        EXPECT_EQ(tensor.data, expected.at(name).data) << name;
    }
    const auto whole_log = log("whole");
    const auto parts_log = log("parts");
    ASSERT_EQ(whole_log.size(), parts_log.size());
    for (std::size_t i = 0; i < whole_log.size(); ++i) {
        EXPECT_EQ(whole_log[i].at("loss"), parts_log[i].at("loss"));
        EXPECT_TRUE(whole_log[i].contains("view_alignment") && whole_log[i].contains("uniformity"));
    }
}

TEST_P(ObjectiveRun, LearnsAndItsValidationDoes) {
    PretrainRequest run = request("run", 12, GetParam());
    run.options.validate_epochs = 2;  // of three steps each
    const PretrainOutcome outcome = pretrain(cohort_, run);
    int validations = 0;
    for (const auto& entry : log("run")) {
        if (!entry.contains("validation_loss")) continue;
        ++validations;
        EXPECT_TRUE(std::isfinite(entry.at("validation_loss").get<double>()));
    }
    EXPECT_EQ(validations, 2);
    EXPECT_GT(outcome.best_step, 0);
    EXPECT_NO_THROW(read_model(folder_.path() / "run/best.safetensors"));
}

INSTANTIATE_TEST_SUITE_P(Presets, ObjectiveRun,
                         ::testing::Values("quick", "simclr", "moco", "byol", "vicreg"));

// With as many patients as a batch takes and views that do not vary, two accumulated batches are
// the same one twice, in other orders.
TEST_F(Runs, AccumulateBatchesIntoOneStep) {
    PretrainRequest once = request("once", 3, "simclr");
    once.options.batch = 12;
    once.options.views.first_lead = once.options.views.second_lead = "I";
    once.options.views.crop_seconds = 10;
    once.options.views.augmentation = {};
    PretrainRequest twice = once;
    twice.folder = folder_.path() / "twice";
    twice.options.accumulate = 2;
    pretrain(cohort_, once);
    pretrain(cohort_, twice);
    const auto expected = log("once");
    const auto found = log("twice");
    ASSERT_EQ(found.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(found[i].at("loss").get<double>(), expected[i].at("loss").get<double>(), 1e-3);
    }
    EXPECT_EQ(found[2].at("epoch"), 4);  // two passes a step
}

TEST_F(Runs, StopEarlyWhenNothingGetsBetter) {
    PretrainRequest run = request("run", 60, "simclr");
    run.options.schedule.peak = 1e-12;  // learns nothing: the first validation stays the best
    run.options.weight_decay = 0;
    run.options.validate_epochs = 1;
    run.options.patience = 2;
    const PretrainOutcome outcome = pretrain(cohort_, run);
    EXPECT_TRUE(outcome.stopped_early);
    EXPECT_FALSE(outcome.interrupted());
    EXPECT_LT(outcome.steps, 60);
    EXPECT_GE(outcome.best_step, 3);
    run.resume = true;  // it stays stopped
    EXPECT_EQ(pretrain(cohort_, run).steps, outcome.steps);
}

TEST_F(Runs, ProbeATaskAtEveryValidation) {
    Task task;
    task.name = task.title = "age";
    task.label = "age";
    task.labels = {"age"};
    task.kind = TaskKind::regression;
    task.metric = "mae";
    for (std::size_t i = 0; i < cohort_.rows.size(); ++i) {
        cohort_.rows[i].factors.age = 40 + static_cast<double>(i);
    }
    PretrainRequest run = request("run", 6, "simclr");
    run.options.validate_epochs = 1;
    run.probe_task = task;
    pretrain(cohort_, run);
    int probes = 0;
    for (const auto& entry : log("run")) probes += entry.contains("probe_mae") ? 1 : 0;
    EXPECT_EQ(probes, 2);
}

TEST_F(Runs, AValidationWithoutValidationPatientsIsRefused) {
    for (CohortRow& row : cohort_.rows) row.split = "train";
    PretrainRequest run = request("run", 6, "simclr");
    run.options.validate_epochs = 1;
    EXPECT_THROW(pretrain(cohort_, run), InputError);
}

TEST_F(Runs, EventFilesHoldWhatTheLogHolds) {
    pretrain(cohort_, request("run", 2, "simclr"));
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "run")) {
        if (entry.path().filename().string().starts_with("events.out.tfevents.")) {
            ++files;
            const std::string bytes = read_text_file(entry.path());
            EXPECT_NE(bytes.find("view_alignment"), std::string::npos);
        }
    }
    EXPECT_EQ(files, 1U);
}

TEST(Selection, KeepsTheBestCountsTheRestAndGoesOn) {
    Selection lower(true, 2);
    EXPECT_TRUE(lower.offer(3, 1));
    EXPECT_FALSE(lower.offer(NAN, 2));
    EXPECT_TRUE(lower.offer(2, 3));
    EXPECT_FALSE(lower.offer(2, 4));
    EXPECT_FALSE(lower.exhausted());
    Selection again(true, 2);
    again.from_json(lower.to_json());
    EXPECT_FALSE(again.offer(2.5, 5));
    EXPECT_TRUE(again.exhausted());
    EXPECT_EQ(again.best_step(), 3);
    Selection higher(false, 0);
    EXPECT_TRUE(higher.offer(0.5, 1));
    EXPECT_FALSE(higher.offer(0.4, 2));
    EXPECT_TRUE(higher.offer(0.6, 3));
    EXPECT_FALSE(higher.exhausted());
}

TEST(EmbeddingMeasures, AlignmentAndUniformityAreTheirDefinitions) {
    const torch::Tensor z = torch::tensor({{2.0, 0.0}, {0.0, 3.0}, {0.0, 1.0}, {0.0, 5.0}});
    // First views (1,0), (0,1); second views (0,1), (0,1).
    EXPECT_NEAR(view_alignment(z), (2 + 0) / 2.0, 1e-12);
    EXPECT_NEAR(uniformity(z), (-4 + 0) / 2.0, 1e-12);
}

}  // namespace
}  // namespace clef
