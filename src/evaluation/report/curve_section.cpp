#include "evaluation/report/curve_section.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "base/text.hpp"
#include "evaluation/curves.hpp"
#include "evaluation/per_patient.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/report/svg_chart.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

constexpr std::size_t most_classes = 8;

// What was scored: the test rows, or its patients.
struct Tested {
    Targets targets;
    Matrix predictions;
    std::vector<std::size_t> rows;

    std::vector<double> scores(std::size_t k) const {
        std::vector<double> result;
        for (const std::size_t row : rows) result.push_back(predictions.at(row, k));
        return result;
    }
    std::vector<Label> labels(std::size_t k) const {
        std::vector<Label> result;
        for (const std::size_t row : rows) result.push_back(label_of(targets, row, k));
        return result;
    }
};

Tested tested_rows(const TaskResult& result, const EvaluationRows& rows, const Targets& targets) {
    if (!result.task.per_patient) {
        return {targets, result.predictions, answered_rows(rows, targets, "test")};
    }
    PatientRows patients = by_patient(result.predictions, rows, targets);
    const auto test = answered_rows(patients.rows, patients.targets, "test");
    return {std::move(patients.targets), std::move(patients.predictions), test};
}

// Those with the most test positives, in the task's order.
std::vector<std::size_t> classes_drawn(const TaskResult& result) {
    const auto& classes = result.scores.classes;
    std::vector<std::size_t> order;
    for (std::size_t k = 0; k < classes.size(); ++k) {
        if (classes[k].auroc.value) order.push_back(k);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return classes[a].test_positives > classes[b].test_positives;
    });
    if (order.size() > most_classes) order.resize(most_classes);
    std::sort(order.begin(), order.end());
    return order;
}

std::string class_charts(const TaskResult& result, const Tested& tested) {
    LineChart roc{"ROC", "false positive rate", "true positive rate", {}};
    LineChart precision{"Precision and recall", "recall", "precision", {}};
    LineChart calibration{"Calibration", "predicted probability", "fraction of positives", {}};
    const std::vector<std::size_t> drawn = classes_drawn(result);
    if (drawn.empty()) return "";
    for (const std::size_t k : drawn) {
        const std::string& code = result.task.classes[k].code;
        const auto scores = tested.scores(k);
        const auto labels = tested.labels(k);
        Curve curve = roc_curve(scores, labels);
        roc.series.push_back({code, std::move(curve.x), std::move(curve.y)});
        curve = precision_recall_curve(scores, labels);
        precision.series.push_back({code, std::move(curve.x), std::move(curve.y)});
        LineSeries reliability{code, {}, {}};
        for (const CalibrationBin& bin : calibration_curve(scores, labels)) {
            reliability.x.push_back(bin.mean_probability);
            reliability.y.push_back(bin.positive_fraction);
        }
        calibration.series.push_back(std::move(reliability));
    }
    calibration.series.push_back({"perfect", {0, 1}, {0, 1}});
    std::string html =
        html_figure(line_chart(roc), "ROC curves of the test rows.") +
        html_figure(line_chart(precision), "Precision–recall curves of the test rows.") +
        html_figure(line_chart(calibration),
                    "Reliability: ten bins of equal width; the table has each class's expected "
                    "calibration error.");
    const std::size_t all = result.scores.classes.size();
    if (drawn.size() < all) {
        html += html_remark(fmt::format(
            "{} of {} classes are drawn, those with the most test positives among those with "
            "both signs.",
            drawn.size(), all));
    }
    return html;
}

std::string value_chart(const TaskResult& result, const Tested& tested) {
    ScatterChart chart;
    chart.title = "Predicted against true values";
    const std::string unit = result.task.unit.empty() ? "" : fmt::format(" ({})", result.task.unit);
    chart.x_label = result.task.label + unit;
    chart.y_label = "predicted" + unit;
    for (const std::size_t row : tested.rows) {
        chart.x.push_back(tested.targets.values[row]);
        chart.y.push_back(tested.predictions.at(row, 0));
    }
    return html_figure(scatter_chart(chart), "Each point a test row.");
}

double loss_of(const TaskResult& result, const Targets& targets, std::size_t row) {
    if (targets.kind == TaskKind::regression) {
        return std::abs(result.predictions.at(row, 0) - targets.values[row]);
    }
    double sum = 0;
    for (std::size_t k = 0; k < targets.classes; ++k) {
        const bool positive = label_of(targets, row, k) == 1;
        if (targets.kind == TaskKind::multi_class && !positive) continue;
        sum += log_loss_of(result.predictions.at(row, k), positive);
    }
    return sum;
}

}  // namespace

std::string curve_section(const TaskResult& result, const EvaluationRows& rows,
                          const Targets& targets) {
    const Tested tested = tested_rows(result, rows, targets);
    if (targets.kind == TaskKind::regression) return value_chart(result, tested);
    return class_charts(result, tested) + confusion_table(result, rows, targets);
}

std::string confusion_table(const TaskResult& result, const EvaluationRows& rows,
                            const Targets& targets) {
    if (targets.kind != TaskKind::multi_class) return "";
    const Tested tested = tested_rows(result, rows, targets);
    const std::vector<int> called = most_probable(tested.predictions);
    const std::size_t classes = targets.classes;
    std::vector<std::size_t> counts(classes * classes, 0);
    for (const std::size_t row : tested.rows) {
        const auto truth = static_cast<std::size_t>(tested.targets.class_index[row]);
        ++counts[truth * classes + static_cast<std::size_t>(called[row])];
    }
    HtmlTable table;
    table.caption = "Confusion matrix of the test rows: the truth down, the most probable across.";
    table.columns.push_back({"Truth"});
    for (const TaskClass& one : result.task.classes) table.columns.push_back({one.code, true});
    for (std::size_t k = 0; k < classes; ++k) {
        std::vector<std::string> row = {result.task.classes[k].code};
        for (std::size_t j = 0; j < classes; ++j) {
            row.push_back(fmt::format("{}", counts[k * classes + j]));
        }
        table.rows.push_back(std::move(row));
    }
    return html_table(table);
}

std::string label_efficiency_chart(const std::vector<TaskResult>& results) {
    std::map<std::string, std::map<double, std::vector<double>>> values;  // group → fraction
    std::vector<std::string> order;
    for (const TaskResult& result : results) {
        TaskResult whole;  // the group's name without its fraction
        whole.model = result.model;
        whole.protocol = result.protocol;
        const std::string name = whole.group();
        if (!values.contains(name)) order.push_back(name);
        const auto& value = result.scores.metric(result.task.metric).value;
        if (value) values[name][result.fraction].push_back(*value);
    }
    LineChart chart;
    chart.title = "Label efficiency";
    chart.x_label = "log10 of the share of the training patients (%)";
    for (const std::string& name : order) {
        if (values[name].size() < 2) continue;
        LineSeries series{name, {}, {}};
        for (const auto& [fraction, seeds] : values[name]) {
            series.x.push_back(std::log10(100 * fraction));
            series.y.push_back(spread(seeds).mean);
        }
        chart.series.push_back(std::move(series));
    }
    if (chart.series.empty()) return "";
    const Task& task = results.front().task;
    chart.y_label = metric_title(task.metric, task);
    return html_figure(line_chart(chart),
                       "Label efficiency: means over the seeds; 0 is 1 %, 2 is all training "
                       "patients.");
}

std::vector<RowLoss> worst_rows(const TaskResult& result, const EvaluationRows& rows,
                                const Targets& targets, std::size_t most) {
    std::vector<RowLoss> losses;
    for (const std::size_t row : answered_rows(rows, targets, "test")) {
        losses.push_back({row, loss_of(result, targets, row)});
    }
    std::stable_sort(losses.begin(), losses.end(),
                     [](const RowLoss& a, const RowLoss& b) { return a.loss > b.loss; });
    if (losses.size() > most) losses.resize(most);
    return losses;
}

std::string prediction_text(const TaskResult& result, const Targets& targets, std::size_t row) {
    if (targets.kind == TaskKind::regression) {
        return fmt::format("truth: {:g}; predicted: {:.1f} {}", targets.values[row],
                           result.predictions.at(row, 0), result.task.unit);
    }
    std::vector<std::string> truth, called;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t k = 0; k < targets.classes; ++k) {
        const bool positive = label_of(targets, row, k) == 1;
        if (positive) truth.push_back(result.task.classes[k].code);
        order.emplace_back(-result.predictions.at(row, k), k);
        if (positive) order.back().first -= 1;  // shown, however unlikely it was called
    }
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), truth.size() + 2); ++i) {
        const std::size_t k = order[i].second;
        called.push_back(fmt::format("{} {}", result.task.classes[k].code,
                                     format_number(result.predictions.at(row, k), 2)));
    }
    return fmt::format("truth: {}; predicted: {}",
                       truth.empty() ? "none of the classes" : join(truth, ", "),
                       join(called, ", "));
}

}  // namespace clef
