// What a benchmark ends in: the table of methods × tasks, ranks, results.json and report.html.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "commands/evaluation_report.hpp"
#include "evaluation/rank_statistics.hpp"

namespace clef {

struct Benchmark {
    std::string title;
    EvaluationPlan plan;        // its tasks are those of the group at work
    EvaluationOutcome outcome;  // of all groups
    std::vector<std::pair<std::string, std::string>> sections;  // title, HTML; one for each task
    std::string ledgers;                                        // HTML

    // Filled by finish_benchmark(): methods (an encoder by a protocol, all labels) × tasks.
    struct Cell {
        std::size_t seeds = 0;
        double value = 0;  // NaN where there is none
        Interval interval;
    };
    std::vector<std::string> methods;
    std::vector<std::vector<Cell>> cells;  // methods × tasks
    std::vector<std::size_t> ranked;       // the methods that have a value for every ranked task
    std::vector<std::string> ranked_tasks;
    std::optional<RankComparison> ranks;  // two methods and two tasks at least
};

// Paired differences over all tasks, corrected together; the table; the ranks.
void finish_benchmark(Benchmark& benchmark);

nlohmann::json benchmark_json(const Benchmark& benchmark);
std::string benchmark_text(const Benchmark& benchmark);
std::string benchmark_page(const Benchmark& benchmark);

}  // namespace clef
