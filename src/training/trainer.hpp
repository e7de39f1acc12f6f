// One pretraining run: steps, log, checkpoints, the model file at the end.
//
//   RUN/config.toml         the resolved options
//   RUN/log.jsonl           a line every few steps, and one for every validation
//   RUN/events.out.tfevents.*  the same numbers for TensorBoard
//   RUN/best.safetensors    where validations are asked for: the encoder of the best one
//   RUN/checkpoint/step-NNNNNNNNN.safetensors  everything a resumed run needs to go on bit for bit
//   RUN/model.safetensors   the encoder: after every checkpoint and at the end
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>

#include "cohort/cohort.hpp"
#include "cohort/task.hpp"
#include "pretraining/options.hpp"
#include "pretraining/rank_environment.hpp"

namespace clef {

struct PretrainRequest {
    PretrainOptions options;
    std::filesystem::path folder;    // RUN/
    std::optional<Task> probe_task;  // that of options.probe_task
    bool resume = false;             // from the folder's checkpoint
    bool skip_bad = false;
    unsigned threads = 0;
    std::int64_t stop_after = 0;  // steps of this call, then as if asked to stop; 0: to the end
    RankEnvironment ranks = {};   // of several processes, rank 0 writes
    const std::atomic<bool>* stop = nullptr;  // set by a signal: finish the step, save, return
};

struct PretrainOutcome {
    std::int64_t steps = 0;        // taken in all
    std::int64_t total_steps = 0;  // asked for
    std::size_t patients = 0;
    double seconds = 0;  // of this call
    double last_loss = 0;
    double waited = 0;  // seconds in which the step waited for a batch
    std::vector<std::pair<std::string, std::string>> skipped;
    bool stopped_early = false;   // for want of a better validation
    std::int64_t best_step = -1;  // steps taken at the best validation; −1: there was none
    bool interrupted() const { return steps < total_steps && !stopped_early; }
};

// Errors: InputError for what is asked, RunError for a non-finite loss (the last good checkpoint
// stays), for a disk that cannot be written, and when another process of the run has gone.
PretrainOutcome pretrain(const Cohort& cohort, const PretrainRequest& request);

}  // namespace clef
