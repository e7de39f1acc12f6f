// A whole pretraining run on a few simulated patients: the same bits for any number of threads and
// from wherever it is taken up again, and clear refusals.
#include "training/trainer.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "encoder/model.hpp"
#include "encoder/safetensors.hpp"
#include "formats/wfdb_writer.hpp"
#include "pretraining/checkpoints.hpp"
#include "shared.hpp"

namespace clef {
namespace {

class TrainerTest : public ::testing::Test {
  protected:
    TrainerTest() {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 16;
        simulator.recordings = 2;
        cohort_ = simulate(simulator, folder_.path() / "cohort");
        for (std::size_t i = 0; i < cohort_.rows.size(); ++i) {
            cohort_.rows[i].split = "train";
            cohort_.rows[i].risk = 0.01 * static_cast<double>(i);
            cohort_.rows[i].missing = 0.2;
        }
    }

    PretrainRequest request(const std::string& run, std::int64_t steps = 6) const {
        PretrainRequest result;
        result.options =
            read_options("quick", {"run.batch=4", "run.log_every=1", "views.crop_seconds=1"});
        result.options.steps = steps;
        result.folder = folder_.path() / run;
        result.threads = 1;
        return result;
    }
    std::string bytes(const std::string& run, const std::string& file = "model.safetensors") const {
        return read_text_file(folder_.path() / run / file);
    }
    // The tensors only: the provenance names the run's settings.
    Tensors tensors(const std::string& run) const {
        return read_safetensors(folder_.path() / run / "model.safetensors").tensors;
    }
    void expect_equal_models(const std::string& a, const std::string& b) const {
        const Tensors first = tensors(a);
        const Tensors second = tensors(b);
        ASSERT_EQ(first.size(), second.size());
        for (const auto& [name, tensor] : first)
            EXPECT_EQ(tensor.data, second.at(name).data) << name;
    }

    testing::TemporaryFolder folder_;
    Cohort cohort_;
};

TEST_F(TrainerTest, TheNumberOfThreadsChangesNothing) {
    pretrain(cohort_, request("one"));
    PretrainRequest three = request("three");
    three.threads = 3;
    pretrain(cohort_, three);
    EXPECT_EQ(bytes("one"), bytes("three"));
}

TEST_F(TrainerTest, MemoryForPreparedRecordingsChangesNothing) {
    pretrain(cohort_, request("kept"));
    PretrainRequest none = request("none");
    none.options.memory_gigabytes = 0;
    pretrain(cohort_, none);
    expect_equal_models("kept", "none");
}

TEST_F(TrainerTest, AnotherSeedIsAnotherModel) {
    pretrain(cohort_, request("one"));
    PretrainRequest other = request("other");
    other.options.seed = 2;
    pretrain(cohort_, other);
    EXPECT_NE(bytes("one"), bytes("other"));
}

TEST_F(TrainerTest, AnInterruptedRunGoesOnBitForBit) {
    pretrain(cohort_, request("whole"));

    PretrainRequest first = request("parts");
    std::atomic<bool> stop{true};  // asked to stop before the first step
    first.stop = &stop;
    const PretrainOutcome interrupted = pretrain(cohort_, first);
    EXPECT_TRUE(interrupted.interrupted());
    EXPECT_NO_THROW(read_model(folder_.path() / "parts/model.safetensors"));

    // A run that is cut after three steps: its own end is taken for the interruption.
    PretrainRequest three = request("parts", 3);
    three.options.schedule.name = "constant";
    PretrainRequest six = request("parts", 6);
    six.options.schedule.name = "constant";
    PretrainRequest whole = request("whole-constant", 6);
    whole.options.schedule.name = "constant";
    three.resume = six.resume = true;
    pretrain(cohort_, three);
    const PretrainOutcome finished = pretrain(cohort_, six);
    EXPECT_EQ(finished.steps, 6);
    pretrain(cohort_, whole);
    expect_equal_models("parts", "whole-constant");
}

TEST_F(TrainerTest, TheLogHasALossAndARankForEveryLoggedStep) {
    pretrain(cohort_, request("run", 4));
    std::ifstream log(folder_.path() / "run/log.jsonl");
    int lines = 0;
    for (std::string line; std::getline(log, line); ++lines) {
        const auto entry = nlohmann::json::parse(line);
        EXPECT_EQ(entry.at("step"), lines);
        EXPECT_TRUE(std::isfinite(entry.at("loss").get<double>()));
        EXPECT_GE(entry.at("effective_rank").get<double>(), 1);
        EXPECT_TRUE(entry.contains("contrast") && entry.contains("alignment") &&
                    entry.contains("beats"));
    }
    EXPECT_EQ(lines, 4);
}

TEST_F(TrainerTest, PretrainingLowersTheLoss) {
    PretrainRequest run = request("run", 40);
    run.options.schedule.warm_up_steps = 0;
    pretrain(cohort_, run);
    std::ifstream log(folder_.path() / "run/log.jsonl");
    std::vector<double> losses;
    for (std::string line; std::getline(log, line);) {
        losses.push_back(nlohmann::json::parse(line).at("loss").get<double>());
    }
    const auto mean = [&](std::size_t from) {
        double sum = 0;
        for (std::size_t i = from; i < from + 8; ++i) sum += losses[i] / 8;
        return sum;
    };
    EXPECT_LT(mean(32), 0.9 * mean(0));
}

TEST_F(TrainerTest, ANonFiniteLossStopsTheRunAndKeepsTheCheckpoint) {
    pretrain(cohort_, request("run", 2));
    const std::string before = bytes("run", "checkpoint/step-000000002.safetensors");
    PretrainRequest wild = request("run", 50);
    wild.resume = true;
    wild.options.schedule.name = "constant";
    wild.options.schedule.warm_up_steps = 0;
    wild.options.schedule.peak = 1e30;
    wild.options.clip = 0;
    EXPECT_THROW(pretrain(cohort_, wild), RunError);
    EXPECT_EQ(bytes("run", "checkpoint/step-000000002.safetensors"), before);
}

// The views of a batch are made ahead, so the error comes before the step that needs them; the
// steps before it are saved.
TEST_F(TrainerTest, ARecordingThatVanishesIsNamedAndTheStepsBeforeAreKept) {
    PretrainRequest run = request("run", 100'000);
    run.options.memory_gigabytes = 0;  // every recording is read again for every view
    run.options.beats = {};
    std::thread thief([&] {
        while (!std::filesystem::exists(folder_.path() / "run/config.toml")) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        std::filesystem::rename(folder_.path() / "cohort", folder_.path() / "gone");
    });
    std::string message;
    try {
        pretrain(cohort_, run);
    } catch (const InputError& error) {
        message = error.what();
    }
    thief.join();
    EXPECT_NE(message.find((folder_.path() / "cohort").string()), std::string::npos) << message;
    const Checkpoint saved = Checkpoints(folder_.path() / "run/checkpoint", 3).newest();
    EXPECT_GT(saved.step, 0);
    EXPECT_NO_THROW(read_model(folder_.path() / "run/model.safetensors"));
}

TEST_F(TrainerTest, TooFewPatientsForABatchAreRefused) {
    PretrainRequest run = request("run");
    run.options.batch = 64;
    EXPECT_THROW(pretrain(cohort_, run), InputError);
}

TEST_F(TrainerTest, BadRecordingsAreRefusedOrSkippedAndListed) {
    Recording silent;
    silent.sampling_rate = 500;
    silent.leads = {{"I", "I", "mV", true, std::vector<float>(5000, NAN)}};
    write_wfdb(folder_.path() / "cohort/silent", silent);
    CohortRow row = cohort_.rows[0];
    row.record = "silent";
    row.patient_id = "nobody";
    cohort_.rows.push_back(row);
    cohort_.rows.push_back(row);
    cohort_.rows.back().record = "absent";
    EXPECT_THROW(pretrain(cohort_, request("refused")), InputError);
    PretrainRequest skipping = request("skipped");
    skipping.skip_bad = true;
    const PretrainOutcome outcome = pretrain(cohort_, skipping);
    ASSERT_EQ(outcome.skipped.size(), 2U);
    EXPECT_EQ(outcome.skipped[0].first, "silent");
    EXPECT_EQ(outcome.skipped[1].first, "absent");
    EXPECT_EQ(outcome.patients, 16U);
}

TEST_F(TrainerTest, RecordingsShorterThanAViewAreRefused) {
    PretrainRequest run = request("run");
    run.options.views.crop_seconds = 12;
    EXPECT_THROW(pretrain(cohort_, run), InputError);
}

}  // namespace
}  // namespace clef
