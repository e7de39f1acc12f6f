// report.html of an evaluation: one page that a reviewer can check the numbers with.
#pragma once

#include <string>

#include "commands/evaluation_output.hpp"

namespace clef {

// Reads the recordings of the worst errors again, for their strips.
std::string evaluation_report(const EvaluationPlan& plan, const EvaluationOutcome& outcome,
                              const CohortInputs& inputs);

// Sections that a benchmark's page has too.
std::string encoders_section(const EvaluationPlan& plan);
// Test patients of each task that each encoder was pretrained on (evaluation/ledger.hpp).
std::string ledger_section(const EvaluationPlan& plan, const Cohort& cohort);
std::string task_report(const EvaluationPlan& plan, const EvaluationOutcome& outcome,
                        std::size_t task, const CohortInputs& inputs);
// The mean and spread over several seeds; empty where every result has one.
std::string seeds_table(const Task& task, const std::vector<TaskResult>& results);

}  // namespace clef
