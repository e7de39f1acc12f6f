#include "commands/evaluation_output.hpp"

#include <cmath>
#include <fmt/format.h>
#include <map>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "commands/output.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/results_json.hpp"

namespace clef {
namespace {

std::string interval_text(const PairedDifference& difference, int places) {
    if (!difference.interval.low) return "";
    return fmt::format(" ({} to {})", format_number(*difference.interval.low, places),
                       format_number(*difference.interval.high, places));
}

nlohmann::json model_json(const Contender& contender) {
    nlohmann::json provenance = contender.model.provenance;
    if (provenance.is_object()) provenance.erase("ledger");  // thousands of digits
    nlohmann::json json = {{"name", contender.full_name()},
                           {"architecture", contender.model.architecture},
                           {"parameters", model_parameters(contender.model)},
                           {"multiply_adds_per_window", model_multiply_adds(contender.model)},
                           {"recipe", recipe_json(contender.model.recipe)},
                           {"provenance", provenance}};
    if (contender.random) json["seed"] = contender.seed;
    return json;
}

nlohmann::json group_json(const Task& task, const SeedGroup& group) {
    const Spread spread = group.spread();
    return {{"task", task.name},
            {"model", group.model},
            {"protocol", group.protocol},
            {"fraction", group.fraction},
            {"metric", task.metric},
            {"count", group.results.size()},
            {"mean", spread.mean},
            {"deviation",
             spread.deviation ? nlohmann::json(*spread.deviation) : nlohmann::json(nullptr)},
            {"minimum", spread.minimum},
            {"maximum", spread.maximum}};
}

}  // namespace

int decimals_for(double value) {
    return std::abs(value) < 2 ? 3 : 2;
}

Spread SeedGroup::spread() const {
    std::vector<double> values;
    for (const TaskResult* result : results) {
        const auto& value = result->scores.metric(result->task.metric).value;
        if (value) values.push_back(*value);
    }
    if (values.empty()) return {NAN, std::nullopt, NAN, NAN};
    return clef::spread(values);
}

std::vector<SeedGroup> seed_groups(const std::vector<TaskResult>& results) {
    std::vector<SeedGroup> groups;
    std::map<std::string, std::size_t> places;
    for (const TaskResult& result : results) {
        const auto [place, added] = places.try_emplace(result.group(), groups.size());
        if (added) {
            groups.push_back({result.group(), result.protocol, result.model, result.fraction, {}});
        }
        groups[place->second].results.push_back(&result);
    }
    return groups;
}

std::string evaluation_text(const EvaluationOutcome& outcome) {
    std::string text;
    for (std::size_t t = 0; t < outcome.tasks.size(); ++t) {
        const Task& task = outcome.tasks[t];
        if (outcome.results[t].empty()) continue;
        text += fmt::format("{} ({}, {} test {})\n", task.title, metric_title(task.metric, task),
                            outcome.results[t][0].scores.test_rows,
                            task.per_patient ? "patients" : "recordings");
        for (const TaskResult& result : outcome.results[t]) {
            const MetricResult& metric = result.scores.metric(task.metric);
            text += fmt::format(
                "  {:<44} {}\n", result.name(),
                metric_with_interval(metric, metric.value ? decimals_for(*metric.value) : 3));
        }
        for (const Paired& row : outcome.paired) {
            if (row.task != task.name) continue;
            const int places = decimals_for(row.difference.difference);
            text += fmt::format("  {} − {}: {}{}, p {}\n", row.first, row.second,
                                format_number(row.difference.difference, places),
                                interval_text(row.difference, places),
                                row.adjusted_p ? p_value_text(*row.adjusted_p) : "–");
        }
    }
    return text;
}

std::string paired_table(const std::vector<Paired>& paired) {
    HtmlTable table;
    table.caption = fmt::format(
        "First less second, paired over the same resamples of the test patients; p two-sided, "
        "corrected for {} comparisons (Holm). For an error (MAE, RMSE) below zero is better.",
        paired.size());
    table.columns = {{"Task"},   {"Metric"}, {"First"}, {"Second"}, {"Difference (95 %)", true},
                     {"p", true}};
    for (const Paired& row : paired) {
        const int places = decimals_for(row.difference.difference);
        table.rows.push_back({row.task, row.metric, row.first, row.second,
                              format_number(row.difference.difference, places) +
                                  interval_text(row.difference, places),
                              row.adjusted_p ? p_value_text(*row.adjusted_p) : "–"});
    }
    return html_table(table);
}

nlohmann::json evaluation_json(const EvaluationOutcome& outcome,
                               const std::vector<Contender>& contenders) {
    nlohmann::json json = {
        {"schema", "clef.evaluations"},      {"version", 1},
        {"program", CLEF_VERSION},           {"command", command_line()},
        {"models", nlohmann::json::array()}, {"results", nlohmann::json::array()},
        {"seeds", nlohmann::json::array()},  {"paired", nlohmann::json::array()},
        {"remarks", outcome.remarks}};
    for (const Contender& contender : contenders) json["models"].push_back(model_json(contender));
    for (std::size_t t = 0; t < outcome.tasks.size(); ++t) {
        for (const TaskResult& result : outcome.results[t]) {
            json["results"].push_back(result_json(result));
        }
        for (const SeedGroup& group : seed_groups(outcome.results[t])) {
            if (group.results.size() > 1) {
                json["seeds"].push_back(group_json(outcome.tasks[t], group));
            }
        }
    }
    for (const Paired& row : outcome.paired) {
        nlohmann::json entry = comparison_json({row.metric, row.difference, row.adjusted_p});
        entry["task"] = row.task;
        entry["first"] = row.first;
        entry["second"] = row.second;
        json["paired"].push_back(std::move(entry));
    }
    return json;
}

void write_all_predictions(const EvaluationOutcome& outcome, const Cohort& cohort,
                           const std::filesystem::path& path) {
    AtomicFile file(path);
    file.write(prediction_header());
    for (std::size_t t = 0; t < outcome.tasks.size(); ++t) {
        const EvaluationRows rows = rows_of(apply_split(cohort, outcome.tasks[t]));
        const Targets targets = make_targets(cohort, outcome.tasks[t]);
        for (const TaskResult& result : outcome.results[t]) {
            if (result.fraction == 1) write_predictions(result, rows, targets, file);
        }
    }
    file.commit();
}

}  // namespace clef
