#include "evaluation/report/probe_section.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "base/text.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/svg_chart.hpp"

namespace clef {
namespace {

int decimals_of(const std::string& metric) {
    return metric == "mae" || metric == "rmse" ? 2 : 3;
}

// Values in fractions ("risk") need more decimals than values in years.
int decimals_of(const MetricResult& metric) {
    const int usual = decimals_of(metric.name);
    if (usual == 2 && metric.value && std::abs(*metric.value) < 0.5) return 4;
    return usual;
}

std::string optional_number(const std::optional<double>& value, int decimals = 3) {
    return value ? format_number(*value, decimals) : "–";
}

std::string difference_text(const PairedDifference& difference, int decimals) {
    std::string text = format_number(difference.difference, decimals);
    if (difference.interval.low) {
        text += fmt::format(" ({} to {})", format_number(*difference.interval.low, decimals),
                            format_number(*difference.interval.high, decimals));
    }
    return text;
}

// Results down, metrics across.
std::string results_table(const ProbeSection& section) {
    const TaskResult& first = *section.results.front();
    HtmlTable table;
    table.caption = fmt::format(
        "{} test {} of {} patients; in brackets the {:g} % interval of {} bootstrap resamples of "
        "the patients. The metric of the task stands first.",
        first.scores.test_rows, first.task.per_patient ? "rows" : "recordings",
        first.scores.test_patients, 100 * first.scores.options.confidence,
        first.scores.options.bootstrap.resamples);
    std::vector<const MetricResult*> metrics = {&first.scores.metric(first.task.metric)};
    for (const MetricResult& metric : first.scores.metrics) {
        if (metric.name != first.task.metric) metrics.push_back(&metric);
    }
    table.columns.push_back({"Result"});
    for (const MetricResult* metric : metrics) {
        table.columns.push_back({metric_title(metric->name, first.task), true});
    }
    for (const TaskResult* result : section.results) {
        std::vector<std::string> row = {result->name()};
        for (const MetricResult* metric : metrics) {
            row.push_back(
                metric_with_interval(result->scores.metric(metric->name), decimals_of(*metric)));
        }
        table.rows.push_back(std::move(row));
        table.highlighted.push_back(result == section.results.front());
    }
    return html_table(table);
}

std::string comparison_table(const ProbeSection& section,
                             const std::vector<Comparison>& comparisons) {
    const TaskResult& first = *section.results.front();
    HtmlTable table;
    table.caption = fmt::format(
        "Differences of {}, model less {}, paired over the same resamples; p is two-sided and "
        "corrected for {} comparison{} (Holm).",
        metric_title(first.task.metric, first.task), section.results[section.reference]->name(),
        comparisons.size(), comparisons.size() == 1 ? "" : "s");
    table.columns = {{"Model"}, {"Difference", true}, {"p", true}, {"Resamples not scored", true}};
    std::size_t next = 0;
    for (std::size_t k = 0; k < section.results.size(); ++k) {
        if (k == section.reference) continue;
        const Comparison& comparison = comparisons[next++];
        table.rows.push_back({section.results[k]->name(),
                              difference_text(comparison.difference,
                                              decimals_of(first.scores.metric(first.task.metric))),
                              comparison.adjusted_p ? p_value_text(*comparison.adjusted_p) : "–",
                              fmt::format("{}", comparison.difference.interval.unscored)});
    }
    return html_table(table);
}

std::string results_chart(const ProbeSection& section) {
    const Task& task = section.results.front()->task;
    ForestChart chart;
    chart.x_label = metric_title(task.metric, task);
    chart.title = fmt::format("{}: {}", task.title, chart.x_label);
    if (task.metric == "macro-auroc") chart.reference = 0.5;
    for (std::size_t k = 0; k < section.results.size(); ++k) {
        const MetricResult& metric = section.results[k]->scores.metric(task.metric);
        chart.decimals = decimals_of(section.results.front()->scores.metric(task.metric));
        chart.estimates.push_back({section.results[k]->name(), metric.value.value_or(NAN),
                                   metric.interval.low, metric.interval.high, k == 0 ? 0 : 5});
    }
    std::string caption = fmt::format("{} with {:g} % intervals", chart.x_label,
                                      100 * section.results.front()->scores.options.confidence);
    caption +=
        higher_is_better(task.metric) ? "; further right is better." : "; further left is better.";
    if (chart.reference) caption += " Dashed: chance.";
    return html_figure(forest_chart(chart), caption);
}

// What the macro means leave out, and the resamples without a value.
std::string remarks(const TaskResult& result) {
    std::string html;
    constexpr std::size_t few_patients = 20;
    if (result.scores.test_patients < few_patients) {
        html += html_remark(fmt::format(
            "Only {} test patients: intervals of so few say little about other patients.",
            result.scores.test_patients));
    }
    const auto& metrics = result.scores.metrics;
    for (const MetricResult& metric : metrics) {
        if (!metric.name.starts_with("macro-auroc")) continue;
        html += html_remark(fmt::format(
            "{} is the mean of {} classes; {} left out. {} of {} resamples could not be scored, {} "
            "were scored with fewer classes.",
            metric_title(metric.name, result.task), metric.classes, metric.dropped,
            metric.interval.unscored, metric.interval.resamples, metric.incomplete_resamples));
    }
    if (!result.unlearnt_classes.empty()) {
        html += html_remark(fmt::format(
            "Without positive and negative training recordings, and scored by their training "
            "prevalence: {}.",
            join(result.unlearnt_classes, ", ")));
    }
    return html;
}

std::string settings_table(const ProbeSection& section) {
    HtmlTable table;
    table.columns = {{"Model"},
                     {"Setting chosen"},
                     {"Settings tried", true},
                     {"Training recordings", true},
                     {"Validation recordings", true},
                     {"Time (s)", true}};
    for (const TaskResult* result : section.results) {
        table.rows.push_back({result->name(), result->settings_text,
                              fmt::format("{}", result->candidates.size()),
                              fmt::format("{}", result->fitted_rows),
                              fmt::format("{}", result->scores.validation_rows),
                              fmt::format("{:.1f}", result->seconds)});
    }
    return html_table(table);
}

}  // namespace

std::string metric_title(const std::string& metric, const Task& task) {
    if (metric.starts_with("macro-auroc-")) {
        return fmt::format("macro-AUROC of classes with ≥ {} test positives", metric.substr(12));
    }
    static const std::map<std::string, std::string> titles = {
        {"macro-auroc", "macro-AUROC"},
        {"macro-auprc", "macro-AUPRC"},
        {"macro-f1", "macro-F1"},
        {"accuracy", "accuracy"},
        {"balanced-accuracy", "balanced accuracy"},
        {"log-loss", "log-loss"},
        {"brier", "Brier score"},
        {"ece", "calibration error"},
        {"mae", "MAE"},
        {"rmse", "RMSE"},
        {"r2", "R²"},
        {"pearson", "Pearson r"},
    };
    const auto known = titles.find(metric);
    if (known == titles.end()) return metric;
    if (!task.unit.empty() && (metric == "mae" || metric == "rmse")) {
        return fmt::format("{} ({})", known->second, task.unit);
    }
    return known->second;
}

std::string metric_with_interval(const MetricResult& metric, int decimals) {
    if (!metric.value) return "–";
    if (!metric.interval.low) return format_number(*metric.value, decimals);
    return fmt::format("{} ({}–{})", format_number(*metric.value, decimals),
                       format_number(*metric.interval.low, decimals),
                       format_number(*metric.interval.high, decimals));
}

std::string p_value_text(double p) {
    if (p < 0.001) return "< 0.001";
    return format_number(p, 3);
}

std::string class_table(const TaskResult& result) {
    if (result.scores.classes.empty()) return "";
    const bool thresholds = result.scores.kind == TaskKind::multi_label;
    HtmlTable table;
    table.caption = thresholds
                        ? "F1 and balanced accuracy at the validation threshold of highest F1."
                        : "F1 and balanced accuracy of the most probable class.";
    table.columns = {{"Class"},
                     {"Training positives", true},
                     {"Test positives", true},
                     {"AUROC", true},
                     {"AUPRC", true},
                     {"F1", true},
                     {"Balanced accuracy", true},
                     {"Log-loss", true},
                     {"Brier", true},
                     {"Calibration error", true}};
    if (thresholds) table.columns.push_back({"Threshold", true});
    for (const ClassResult& one : result.scores.classes) {
        const std::string name =
            one.name == one.code ? one.code : fmt::format("{} ({})", one.name, one.code);
        std::vector<std::string> row = {name,
                                        fmt::format("{}", one.train_positives),
                                        fmt::format("{}", one.test_positives),
                                        metric_with_interval(one.auroc),
                                        metric_with_interval(one.auprc),
                                        optional_number(one.f1),
                                        optional_number(one.balanced_accuracy),
                                        optional_number(one.log_loss),
                                        optional_number(one.brier),
                                        optional_number(one.calibration_error)};
        if (thresholds) row.push_back(optional_number(one.threshold));
        table.rows.push_back(std::move(row));
    }
    return html_table(table);
}

std::string probe_section(const ProbeSection& section) {
    assert(!section.results.empty() && section.reference < section.results.size());
    const TaskResult& first = *section.results.front();
    std::vector<Comparison> comparisons;
    if (section.compared && section.results.size() > 1) {
        std::vector<const Scores*> others;
        for (std::size_t k = 0; k < section.results.size(); ++k) {
            if (k != section.reference) others.push_back(&section.results[k]->scores);
        }
        comparisons =
            compare_with(section.results[section.reference]->scores, others, first.task.metric);
    }
    std::string html = results_chart(section) + results_table(section);
    if (!comparisons.empty()) html += comparison_table(section, comparisons);
    html += remarks(first);
    if (!first.scores.classes.empty()) {
        html += html_heading(fmt::format("Each class: {}", first.name())) + class_table(first);
    }
    std::string others;
    for (std::size_t k = 1; k < section.results.size(); ++k) {
        if (section.results[k]->scores.classes.empty()) continue;
        others += html_heading(section.results[k]->name()) + class_table(*section.results[k]);
    }
    if (!others.empty()) html += html_details("Each class of the other models", others);
    return html + html_details("Settings and times", settings_table(section));
}

}  // namespace clef
