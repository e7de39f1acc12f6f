// Probe results as sections of a report page: the table of encoders with 95 % intervals, a forest
// plot of the task's metric, paired differences, the settings chosen, and the per-class table.
// What was dropped or could not be scored is said beneath each table. Pure.
#pragma once

#include <string>
#include <vector>

#include "evaluation/task_result.hpp"

namespace clef {

// A metric as people write it: "macro-AUROC", "MAE (years)".
std::string metric_title(const std::string& metric, const Task& task);
// "0.812 (0.790–0.833)"; "–" where there is no value.
std::string metric_with_interval(const MetricResult& metric, int decimals = 3);
std::string p_value_text(double p);  // "0.021", "< 0.001"

// Results of one task, the one of interest first; all by the same task. With `compared`, the others
// are compared with `results[reference]` over the same resamples.
struct ProbeSection {
    std::vector<const TaskResult*> results;
    bool compared = true;
    std::size_t reference = 0;
};
// The body of a section; the caller gives it its title (HtmlPage::add_section).
std::string probe_section(const ProbeSection& section);

// The per-class table of one result; empty for a regression.
std::string class_table(const TaskResult& result);

}  // namespace clef
