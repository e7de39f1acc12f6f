// Probing several encoders on several tasks of one cohort, side by side: what `evaluate` and `demo`
// share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "encoder/model.hpp"
#include "evaluation/probe.hpp"
#include "runtime/embed.hpp"

namespace clef {

struct Contender {
    std::string name;  // as the report calls it
    Model model;
};

// Random weights of the same architecture and recipe, "random weights, seed N".
Contender random_contender(const Model& like, std::uint64_t seed);

// One embedding per recording (the mean over its windows). The rows kept are the same for all.
struct EmbeddedCohort {
    Cohort cohort;                        // the rows that could be used
    std::vector<FloatMatrix> embeddings;  // per contender, parallel to cohort.rows
    std::vector<std::pair<std::string, std::string>> skipped;
};
EmbeddedCohort embed_contenders(const Cohort& cohort, const std::vector<Contender>& contenders,
                                const EmbedOptions& options);

// The first contender against another, or against the average of all random ones.
struct Paired {
    std::string task;
    std::string metric;
    std::string first;
    std::string second;
    PairedDifference difference;       // first − second
    std::optional<double> adjusted_p;  // Holm, over all rows of a Probing together
};

struct Probing {
    std::vector<Task> tasks;
    std::vector<std::vector<ProbeResult>>
        results;  // per task: the contenders, then the mean predictor
    std::vector<Paired> paired;
};

// `tasks` are probed one after the other with the same options. Contenders whose name begins with
// "random weights" are also compared as an average.
Probing probe_contenders(const EmbeddedCohort& embedded, const std::vector<Contender>& contenders,
                         const std::vector<Task>& tasks, const ProbeOptions& options);

// A task by the name of one that travels with the program, or from a TOML file.
Task find_task(const std::string& name_or_path);

// The paired differences as a report's table, and everything as one JSON document.
std::string paired_table(const Probing& probing);
nlohmann::json probing_json(const Probing& probing, const std::vector<Contender>& contenders);

// For standard output: one line per task and model.
std::string probing_text(const Probing& probing);

}  // namespace clef
