#include "evaluation/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "evaluation/per_patient.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

void check_shapes(const Matrix& predictions, const EvaluationRows& rows, const Targets& targets) {
    const std::size_t outputs = targets.kind == TaskKind::regression ? 1 : targets.classes;
    if (predictions.rows != targets.rows() || rows.splits.size() != targets.rows() ||
        rows.patients.size() != targets.rows() || rows.records.size() != targets.rows()) {
        fail_input("{} rows of predictions for {} rows of targets; they must be the same rows",
                   predictions.rows, targets.rows());
    }
    if (predictions.columns != outputs) {
        fail_input("{} predictions a row for a task with {}", predictions.columns, outputs);
    }
}

std::optional<double> defined(double value) {
    if (std::isnan(value)) return std::nullopt;
    return value;
}

MetricResult metric_of(const Bootstrap& bootstrap, std::size_t column, const std::string& name,
                       double confidence) {
    MetricResult result;
    result.name = name;
    result.value = defined(bootstrap.estimates[column]);
    result.interval = percentile_interval(bootstrap.draws.column(column), confidence);
    return result;
}

// Fills what a macro mean says of its classes; `aurocs` is the first column of the classes' AUROCs.
void describe_macro(MetricResult& metric, const Bootstrap& bootstrap, std::size_t aurocs,
                    const std::vector<bool>& in_macro, AbsentClass rule) {
    std::vector<std::size_t> scored;
    std::size_t members = 0;
    for (std::size_t k = 0; k < in_macro.size(); ++k) {
        if (!in_macro[k]) continue;
        ++members;
        if (!std::isnan(bootstrap.estimates[aurocs + k])) scored.push_back(aurocs + k);
    }
    metric.classes = rule == AbsentClass::half ? members : scored.size();
    metric.dropped = in_macro.size() - metric.classes;
    for (std::size_t r = 0; r < bootstrap.draws.rows; ++r) {
        metric.incomplete_resamples += std::any_of(
            scored.begin(), scored.end(),
            [&](std::size_t column) { return std::isnan(bootstrap.draws.at(r, column)); });
    }
}

Scores score_rows(const Matrix& predictions, const EvaluationRows& rows, const Task& task,
                  const Targets& targets, const ScoringOptions& options) {
    Scores scores;
    scores.kind = targets.kind;
    scores.options = options;
    scores.options.bootstrap.redraws = options.absent == AbsentClass::redraw ? 100 : 0;
    const auto test = answered_rows(rows, targets, "test");
    const auto validation = answered_rows(rows, targets, "val");
    if (test.empty()) {
        fail_input("no row of split 'test' has an answer for task '{}' (column '{}')", task.name,
                   task.label);
    }
    scores.train_rows = answered_rows(rows, targets, "train").size();
    scores.validation_rows = validation.size();
    scores.test_rows = test.size();
    std::vector<std::string> patients;
    for (const std::size_t row : test) {
        patients.push_back(rows.patients[row]);
        scores.test_records.push_back(rows.records[row]);
    }
    scores.test_patients = number_groups(patients).count;

    const auto scorer = make_scorer(predictions, targets, validation, test, options);
    const auto& names = scorer->metrics();
    const std::size_t classes = scorer->classes();
    scores.bootstrap = bootstrap(
        patients, names.size() + 2 * classes,
        [&](Weights weights, std::span<double> values) { scorer->evaluate(weights, values); },
        scores.options.bootstrap);
    for (std::size_t k = 0; k < names.size(); ++k) {
        scores.metrics.push_back(metric_of(scores.bootstrap, k, names[k], options.confidence));
        const std::vector<bool> members = scorer->macro_members(names[k]);
        if (!members.empty()) {
            const AbsentClass rule =
                names[k].starts_with("macro-auroc") ? options.absent : AbsentClass::drop;
            describe_macro(scores.metrics.back(), scores.bootstrap, names.size(), members, rule);
        }
    }
    for (std::size_t k = 0; k < classes; ++k) {
        ClassResult result = scorer->describe_class(k);
        result.code = task.classes.at(k).code;
        result.name = task.classes.at(k).name;
        for (std::size_t i = 0; i < targets.rows(); ++i) {
            if (rows.splits[i] == "train" && label_of(targets, i, k) == 1) ++result.train_positives;
        }
        result.auroc = metric_of(scores.bootstrap, names.size() + k, "auroc", options.confidence);
        result.auprc =
            metric_of(scores.bootstrap, names.size() + classes + k, "auprc", options.confidence);
        scores.classes.push_back(std::move(result));
    }
    return scores;
}

}  // namespace

EvaluationRows rows_of(const Cohort& cohort) {
    EvaluationRows result;
    for (const CohortRow& row : cohort.rows) {
        result.records.push_back(row.record);
        result.patients.push_back(row.patient_id);
        result.splits.push_back(row.split);
    }
    return result;
}

std::vector<std::size_t> answered_rows(const EvaluationRows& rows, const Targets& targets,
                                       std::string_view split) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < targets.rows(); ++i) {
        if (targets.known[i] != 0 && rows.splits[i] == split) result.push_back(i);
    }
    return result;
}

void refuse_shared_patients(const EvaluationRows& rows) {
    std::map<std::string, std::string> split_of;
    for (std::size_t i = 0; i < rows.patients.size(); ++i) {
        const std::string& split = rows.splits[i];
        if (split != "train" && split != "val" && split != "test") continue;
        const auto [known, added] = split_of.try_emplace(rows.patients[i], split);
        if (!added && known->second != split) {
            fail_input(
                "patient '{}' has recordings in '{}' and in '{}' (record '{}'); give all "
                "recordings of a patient the same split",
                rows.patients[i], known->second, split, rows.records[i]);
        }
    }
}

bool higher_is_better(std::string_view metric) {
    return metric != "log-loss" && metric != "brier" && metric != "ece" && metric != "mae" &&
           metric != "rmse";
}

std::size_t Scores::metric_index(std::string_view name) const {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < metrics.size(); ++k) {
        if (metrics[k].name == name) return k;
        names.push_back(metrics[k].name);
    }
    fail_input("this task has no metric '{}'.{}", name, suggestion(name, names));
}

const MetricResult& Scores::metric(std::string_view name) const {
    return metrics[metric_index(name)];
}

Scores score_predictions(const Matrix& predictions, const EvaluationRows& rows, const Task& task,
                         const Targets& targets, const ScoringOptions& options) {
    check_shapes(predictions, rows, targets);
    refuse_shared_patients(rows);
    if (task.per_patient) {
        const PatientRows patients = by_patient(predictions, rows, targets);
        return score_rows(patients.predictions, patients.rows, task, patients.targets, options);
    }
    return score_rows(predictions, rows, task, targets, options);
}

std::vector<Comparison> compare_with(const Scores& reference,
                                     const std::vector<const Scores*>& models,
                                     std::string_view metric) {
    std::vector<Comparison> result;
    std::vector<double> p_values;
    const std::size_t column = reference.metric_index(metric);
    const BootstrapOptions& options = reference.options.bootstrap;
    for (const Scores* model : models) {
        const BootstrapOptions& theirs = model->options.bootstrap;
        if (model->test_records != reference.test_records) {
            fail_input(
                "a paired comparison needs the same test recordings in the same order; one "
                "model has {} and the other {}",
                model->test_rows, reference.test_rows);
        }
        if (theirs.seed != options.seed || theirs.resamples != options.resamples ||
            theirs.redraws != options.redraws) {
            fail_input("a paired comparison needs the same bootstrap seed, size and rule");
        }
        const std::size_t own = model->metric_index(metric);
        Comparison comparison;
        comparison.metric = metric;
        comparison.difference = paired_difference(
            model->bootstrap.estimates[own], reference.bootstrap.estimates[column],
            model->bootstrap.draws.column(own), reference.bootstrap.draws.column(column),
            reference.options.confidence);
        if (comparison.difference.p_value) p_values.push_back(*comparison.difference.p_value);
        result.push_back(std::move(comparison));
    }
    const auto adjusted = holm(p_values);
    std::size_t next = 0;
    for (Comparison& comparison : result) {
        if (comparison.difference.p_value) comparison.adjusted_p = adjusted[next++];
    }
    return result;
}

}  // namespace clef
