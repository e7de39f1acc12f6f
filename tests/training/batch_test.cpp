// Which of a patient's windows become a pair of views.
#include "training/batch.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "shared.hpp"

namespace clef {
namespace {

class BatchTest : public ::testing::Test {
  protected:
    // Windows of 5 s: two to a recording.
    void make_store(std::uint64_t recordings) {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 3;
        simulator.recordings = static_cast<decltype(simulator.recordings)>(recordings);
        Cohort cohort = simulate(simulator, folder_.path());
        for (CohortRow& row : cohort.rows) row.split = "train";
        Recipe recipe = clef_recipe();
        recipe.window_seconds = 5;
        WindowStoreOptions store;
        store.shortest_seconds = 5;
        store_ = std::make_unique<WindowStore>(cohort, recipe, store);
        options_.views.crop_seconds = 5;
        options_.batch = 3;
        options_.views.other_recordings = true;
    }
    std::size_t patient_of(std::size_t window) const {
        const auto& patients = store_->patients();
        const auto it = std::find_if(patients.begin(), patients.end(), [&](const auto& patient) {
            return std::count(patient.windows.begin(), patient.windows.end(), window) > 0;
        });
        return static_cast<std::size_t>(it - patients.begin());
    }
    std::size_t recording_of(std::size_t window) const {
        const TrainingPatient& patient = store_->patients()[patient_of(window)];
        const auto it = std::find(patient.windows.begin(), patient.windows.end(), window);
        return patient.recordings[static_cast<std::size_t>(it - patient.windows.begin())];
    }

    testing::TemporaryFolder folder_;
    std::unique_ptr<WindowStore> store_;
    PretrainOptions options_;
};

TEST_F(BatchTest, PositivesComeFromAnotherRecordingOfTheSamePatient) {
    make_store(3);
    ASSERT_EQ(store_->window_count(), 18U);
    const BatchMaker maker(*store_, options_);
    std::set<std::size_t> seen;
    for (std::int64_t step = 0; step < 40; ++step) {
        const Batch batch = maker.make(step);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(patient_of(batch.windows[i]), patient_of(batch.windows[i + 3]));
            EXPECT_NE(recording_of(batch.windows[i]), recording_of(batch.windows[i + 3]));
            seen.insert(batch.windows[i + 3]);
        }
    }
    EXPECT_EQ(seen.size(), 18U);
}

TEST_F(BatchTest, APatientOfOneRecordingGivesAnotherWindowOfIt) {
    make_store(1);
    const BatchMaker maker(*store_, options_);
    const Batch batch = maker.make(0);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(recording_of(batch.windows[i]), recording_of(batch.windows[i + 3]));
        EXPECT_NE(batch.windows[i], batch.windows[i + 3]);
    }
}

// Switching one on leaves leads, stretches, noise and masks as they were: off is off.
TEST_F(BatchTest, NewerAugmentationsChangeNothingWhereTheirChanceDoesNotCome) {
    make_store(1);
    options_.views.augmentation.noise_probability = 0.8;
    options_.views.augmentation.mask_probability = 0.5;
    const torch::Tensor plain = BatchMaker(*store_, options_).make(0).views;
    PretrainOptions rare = options_;
    rare.views.augmentation.hum_probability = 1e-12;
    rare.views.augmentation.shift_probability = 1e-12;
    rare.views.augmentation.scale_probability = 1e-12;
    EXPECT_TRUE(torch::equal(BatchMaker(*store_, rare).make(0).views, plain));
    rare.views.augmentation.scale_probability = 1;
    const torch::Tensor scaled = BatchMaker(*store_, rare).make(0).views;
    EXPECT_FALSE(torch::equal(scaled, plain));
    const torch::Tensor factor = scaled.std(2) / plain.std(2);
    EXPECT_LT((scaled - factor.unsqueeze(2) * plain).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace clef
