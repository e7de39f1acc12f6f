// A benchmark suite as a TOML file: encoders × tasks × protocols.
//
//     name = "here"
//     title = "Tasks that run on the excerpts"        # optional
//     protocols = ["probe", "finetune", "scratch", "random", "mean"]
//     seeds = [1, 2, 3]                               # optional; as `clef evaluate` has them
//     fractions = [0.1, 1]                            # optional
//     [options]                                       # optional; as `clef evaluate` has them:
//     random_seeds = 3                                # epochs, patience, batch, learning_rate,
//     crop_seconds = 2.5                              # layer_decay, crop_seconds, heads, windows,
//                                                 # resamples
//     [[data]]
//     name = "ptbxl"
//     cohort = "ptbxl.csv"                            # a cohort table
//     from = "clef index PTBXL --dataset ptbxl -o ptbxl.csv"   # said where it is missing
//     [[models]]
//     name = "CLEF-small"
//     file = "clef/model.safetensors"
//     from = "Zenodo record 17572734, then clef model import"
//     architecture = "clef-small"                     # optional: what --untrained draws at random
//                                                     # where there is no file
//     [[tasks]]
//     task = "ptbxl-age"                              # a task's name or TOML file
//     data = "ptbxl"                                  # one of the names above, or a list of them
//     lead = "II"                                     # optional; the task's, else the encoders'
//     lead_as = "I"                                   # optional, as --lead-as
//     pad = true                                      # optional, as --pad; skip_bad likewise
//
// Paths are relative to the folder given beside the suite.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "commands/evaluation_run.hpp"

namespace clef {

struct SuiteItem {
    std::string name;
    std::filesystem::path file;
    std::string from;          // how to get it
    std::string architecture;  // of a model; empty where the suite does not say
    bool exists() const { return std::filesystem::exists(file); }
};

struct SuiteTask {
    Task task;
    std::string source;  // the name or file, as given
    std::vector<std::size_t> data;
    std::vector<std::string> leads;
    std::vector<std::string> leads_as;
    bool pad = false;
    bool skip_bad = false;
};

struct Suite {
    std::string name;
    std::string title;
    std::vector<SuiteItem> data;
    std::vector<SuiteItem> models;
    std::vector<SuiteTask> tasks;
    EvaluationPlan plan;  // protocols, seeds, fractions and options; no contenders, no tasks
};

// InputError with file, line and the nearest right word.
Suite read_suite(const std::filesystem::path& file, const std::filesystem::path& folder);

// One line for each file that is not there, with how to get it; empty where all are.
std::vector<std::string> missing_data(const Suite& suite);
std::vector<std::string> missing_models(const Suite& suite);

// Without the tasks whose data are not there; InputError where none is left.
void keep_available(Suite& suite);

}  // namespace clef
