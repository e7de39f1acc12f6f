// What an evaluation prints and writes: lines of text, tables of a report, results.json,
// predictions.csv.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "commands/evaluation_run.hpp"

namespace clef {

// For standard output: one line per task and result, one per difference.
std::string evaluation_text(const EvaluationOutcome& outcome);

// results.json: {"schema": "clef.evaluations", "version": 1, "program", "command", "models": […],
// "results": […as evaluation/results_json.hpp], "seeds": [the spread of each group], "paired": […],
// "remarks": […]}
nlohmann::json evaluation_json(const EvaluationOutcome& outcome,
                               const std::vector<Contender>& contenders);

// The paired differences as a report's table.
std::string paired_table(const std::vector<Paired>& paired);

// Results of one group: the same in all but the seed.
struct SeedGroup {
    std::string name;
    std::string protocol;
    std::string model;
    double fraction = 1;
    std::vector<const TaskResult*> results;
    Spread spread() const;  // of the task's metric; NaN values are left out
};
std::vector<SeedGroup> seed_groups(const std::vector<TaskResult>& results);

// predictions.csv: record, label, score, split and more, a line for each answered validation and
// test recording, class and result of all labels (fraction 1).
void write_all_predictions(const EvaluationOutcome& outcome, const Cohort& cohort,
                           const std::filesystem::path& path);

// Values smaller than a few units (risk) need more decimals than years.
int decimals_for(double value);

}  // namespace clef
