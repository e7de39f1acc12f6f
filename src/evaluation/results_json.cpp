#include "evaluation/results_json.hpp"

#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

using nlohmann::json;

json number(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}

json number(const std::optional<double>& value) {
    return value ? number(*value) : json(nullptr);
}

// 0 stands for "not of this kind of task".
json above_zero(double value) {
    return value > 0 ? json(value) : json(nullptr);
}

json metric_json(const MetricResult& metric) {
    json result = {{"value", number(metric.value)},
                   {"low", number(metric.interval.low)},
                   {"high", number(metric.interval.high)},
                   {"unscored", metric.interval.unscored}};
    if (metric.name.starts_with("macro-") && metric.classes + metric.dropped > 0) {
        result["classes"] = metric.classes;
        result["dropped"] = metric.dropped;
        result["incomplete_resamples"] = metric.incomplete_resamples;
    }
    return result;
}

json settings_json(const ProbeSettings& settings) {
    return {{"c", above_zero(settings.c)},
            {"alpha", above_zero(settings.alpha)},
            {"standardise", settings.standardise},
            {"balanced", settings.balanced}};
}

json class_json(const ClassResult& one) {
    return {{"code", one.code},
            {"name", one.name},
            {"train_positives", one.train_positives},
            {"val_positives", one.validation_positives},
            {"test_positives", one.test_positives},
            {"test_negatives", one.test_negatives},
            {"auroc", metric_json(one.auroc)},
            {"auprc", metric_json(one.auprc)},
            {"threshold", number(one.threshold)},
            {"f1", number(one.f1)},
            {"balanced_accuracy", number(one.balanced_accuracy)},
            {"log_loss", number(one.log_loss)},
            {"brier", number(one.brier)},
            {"ece", number(one.calibration_error)}};
}

const char* kind_text(TaskKind kind) {
    switch (kind) {
        case TaskKind::multi_label:
            return "multi-label";
        case TaskKind::multi_class:
            return "multi-class";
        case TaskKind::regression:
            break;
    }
    return "regression";
}

const char* absent_class_text(AbsentClass rule) {
    switch (rule) {
        case AbsentClass::drop:
            return "drop";
        case AbsentClass::half:
            return "half";
        case AbsentClass::redraw:
            break;
    }
    return "redraw";
}

}  // namespace

json result_json(const TaskResult& result) {
    const Scores& scores = result.scores;
    json document = {{"schema", "clef.evaluation"},
                     {"version", 1},
                     {"model", result.model},
                     {"protocol", result.protocol},
                     {"fraction", result.fraction},
                     {"seed", result.seed},
                     {"task", result.task.name},
                     {"kind", kind_text(scores.kind)},
                     {"metric", result.task.metric},
                     {"rows",
                      {{"train", scores.train_rows},
                       {"fitted", result.fitted_rows},
                       {"val", scores.validation_rows},
                       {"test", scores.test_rows},
                       {"test_patients", scores.test_patients}}},
                     {"bootstrap",
                      {{"resamples", scores.options.bootstrap.resamples},
                       {"seed", scores.options.bootstrap.seed},
                       {"confidence", scores.options.confidence},
                       {"absent_class", absent_class_text(scores.options.absent)}}},
                     {"settings", nullptr},
                     {"candidates", json::array()},
                     {"metrics", json::object()},
                     {"classes", json::array()},
                     {"chosen", result.settings_text},
                     {"epochs", json::array()},
                     {"best_epoch", nullptr},
                     {"unlearnt_classes", result.unlearnt_classes},
                     {"seconds", result.seconds}};
    if (!result.candidates.empty()) document["settings"] = settings_json(result.settings);
    for (const ProbeCandidate& candidate : result.candidates) {
        json one = settings_json(candidate.settings);
        one["validation_loss"] = number(candidate.validation_loss);
        document["candidates"].push_back(std::move(one));
    }
    for (const Epoch& epoch : result.epochs) {
        document["epochs"].push_back({{"training_loss", number(epoch.training_loss)},
                                      {"validation_loss", number(epoch.validation_loss)}});
        document["best_epoch"] = result.best_epoch + 1;
    }
    for (const MetricResult& metric : scores.metrics) {
        document["metrics"][metric.name] = metric_json(metric);
    }
    for (const ClassResult& one : scores.classes) document["classes"].push_back(class_json(one));
    return document;
}

json comparison_json(const Comparison& comparison) {
    return {{"metric", comparison.metric},
            {"difference", number(comparison.difference.difference)},
            {"low", number(comparison.difference.interval.low)},
            {"high", number(comparison.difference.interval.high)},
            {"unscored", comparison.difference.interval.unscored},
            {"p", number(comparison.difference.p_value)},
            {"p_holm", number(comparison.adjusted_p)}};
}

std::string prediction_header() {
    return csv_line({"record", "label", "score", "split", "truth", "patient_id", "task", "model",
                     "protocol", "seed"});
}

void write_predictions(const TaskResult& result, const EvaluationRows& rows, const Targets& targets,
                       AtomicFile& file) {
    const bool regression = targets.kind == TaskKind::regression;
    const std::size_t outputs = regression ? 1 : targets.classes;
    for (std::size_t i = 0; i < targets.rows(); ++i) {
        if (targets.known[i] == 0 || (rows.splits[i] != "val" && rows.splits[i] != "test"))
            continue;
        for (std::size_t k = 0; k < outputs; ++k) {
            const std::string truth = regression ? fmt::format("{}", targets.values[i])
                                      : label_of(targets, i, k) == 1 ? "1"
                                                                     : "0";
            file.write(csv_line({rows.records[i],
                                 regression ? result.task.label : result.task.classes[k].code,
                                 fmt::format("{}", result.predictions.at(i, k)), rows.splits[i],
                                 truth, rows.patients[i], result.task.name, result.model,
                                 result.protocol, fmt::format("{}", result.seed)}));
        }
    }
}

}  // namespace clef
