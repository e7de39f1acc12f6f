// An evaluation: encoders × tasks × protocols × fractions of the labels × seeds on one cohort. What
// `evaluate`, `benchmark` and `demo` share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "commands/cohort_inputs.hpp"
#include "evaluation/attention_pool.hpp"
#include "evaluation/probe.hpp"
#include "training/fine_tuning.hpp"

namespace clef {

struct EvaluationPlan {
    // The encoders, the one of interest first; then the baselines that add_baselines() makes.
    std::vector<Contender> contenders;
    std::vector<Task> tasks;
    std::vector<std::string> protocols = {"probe", "random", "mean"};
    std::vector<double> fractions = {1};  // of the training patients
    std::vector<std::uint64_t> seeds = {1};
    int random_seeds = 3;  // encoders with random weights, whose seeds are 1 … random_seeds
    std::size_t most_windows = 0;
    EmbedOptions embed;
    ProbeOptions probe;
    AttentionPoolOptions attention;
    FineTuneOptions fine_tune;

    bool has(const std::string& protocol) const;
};

// Checks protocols, fractions and seeds (InputError with a suggestion), orders the fractions and
// appends the random encoders: as many as asked for of each architecture and recipe given.
void add_baselines(EvaluationPlan& plan);

// One result to be had.
struct EvaluationUnit {
    std::size_t task = 0;
    std::size_t contender = 0;  // of scratch: the one whose architecture and recipe it has
    std::string protocol;
    double fraction = 1;
    std::uint64_t seed = 0;
};
// In the order of a report's rows within each task; whatever is deterministic once, not for each
// seed.
std::vector<EvaluationUnit> units_of(const EvaluationPlan& plan);

// Keeps results from run to run, for whoever resumes.
struct ResultStore {
    std::function<std::optional<TaskResult>(const EvaluationUnit& unit)> load;
    std::function<void(const EvaluationUnit& unit, const TaskResult& result)> save;
};

// The first group of results against another, over the same resamples; several seeds as an average.
struct Paired {
    std::string task;
    std::string metric;
    std::string first;
    std::string second;
    PairedDifference difference;       // first − second
    std::optional<double> adjusted_p;  // Holm, over all rows of an evaluation together
};

struct EvaluationOutcome {
    std::vector<Task> tasks;
    std::vector<std::vector<TaskResult>> results;  // per task, in the order of the units
    std::vector<Paired> paired;
    std::vector<std::string> remarks;  // what could not be had: a fraction without two classes
};

// The cohort with the splits and answers of each task, checked before anything is computed: a
// patient in two splits, or a split without an answer, is an InputError.
void check_tasks(const EvaluationPlan& plan, const Cohort& cohort);

EvaluationOutcome run_evaluation(const EvaluationPlan& plan, CohortInputs& inputs,
                                 const ResultStore& store = {});

// Resamples of fewer test patients than this are so few different ones (3 of two patients, 126 of
// five) that they give no p-value.
inline constexpr std::size_t fewest_patients_for_p = 5;

// Paired differences within each task, fraction 1: for each protocol of the first encoder, against
// the other encoders by the same protocol; probe against random weights, finetune against scratch,
// every other protocol against the probe. Corrected for their number together.
std::vector<Paired> paired_differences(const EvaluationPlan& plan,
                                       const std::vector<std::vector<TaskResult>>& results);

// A task by the name of one that travels with the program, or from a TOML file.
Task find_task(const std::string& name_or_path);

}  // namespace clef
