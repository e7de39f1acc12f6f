// Everything that shapes a pretraining run, with its defaults; read from a TOML preset, changed by
// `--set section.key=value`, written back in full beside the run (config.toml).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pretraining/objective_options.hpp"
#include "pretraining/schedule.hpp"
#include "pretraining/views.hpp"

namespace clef {

struct PretrainOptions {
    std::string architecture = "clef-small";
    std::string initial_model;  // a model file to start from; empty: random weights
    std::uint64_t seed = 1;

    ViewOptions views;
    ObjectiveOptions objective;
    double objective_weight = 1;
    BeatOptions beats;  // beside the objective

    int projection_layers = 0;  // of the head between embedding and contrast; 0: none
    int projection_width = 256;
    int projection_size = 128;
    std::string projection_norm = "none";  // between the head's layers: none, batch

    ScheduleOptions schedule;
    double first_cycle_epochs = 10;  // of warm restarts (T0)
    double weight_decay = 5e-4;
    double clip = 0;       // joint gradient length at most; 0: no clipping
    int accumulate = 1;    // batches a step
    double averaging = 0;  // decay of the weights' running average that is saved; 0: the weights

    std::int64_t steps = 0;  // 0: as many as `epochs` say
    double epochs = 100;     // one epoch: every training patient once
    int batch = 64;          // pairs of views
    double checkpoint_minutes = 5;
    int log_every = 10;   // steps
    int checkpoints = 3;  // how many are kept
    bool tensorboard = true;
    double validate_epochs = 0;   // epochs between validations; 0: none
    int patience = 0;             // validations without a better one before the run stops; 0: never
    std::string probe_task;       // probed at every validation
    int probe_rows = 2000;        // of each split at most
    double memory_gigabytes = 8;  // for prepared recordings; what does not fit is prepared again
    std::string cache;            // a folder that `clef prepare` has made; empty: none
    int batches_ahead = 4;        // made while a step computes
    double peer_seconds = 50;     // how long a silent process of the run is waited for
    std::string device = "auto";  // cpu, cuda, cuda:N; auto: a GPU where there is one
    std::string precision = "float32";  // on a GPU also tensorfloat32, bfloat16
    bool replay = true;                 // of a batch's kernels on a GPU, recorded once
    bool deterministic = true;          // the same bits from the same run on a GPU too
};

// A preset by name (quick, paper, released, …; configs/NAME.toml) or a path.
PretrainOptions read_options(const std::string& preset_or_path,
                             const std::vector<std::string>& settings = {});

// Errors name file, line and key; an unknown key suggests the right one.
void apply_toml(PretrainOptions& options, const std::string& text, const std::string& source);
// "section.key=value"
void apply_setting(PretrainOptions& options, const std::string& setting);

// Every key with its value, sections and comments, as a file that reads back to the same options.
std::string options_toml(const PretrainOptions& options);

std::vector<std::string> preset_names();

}  // namespace clef
