// Results for machines. The JSON of one result, schema "clef.evaluation", version 1; absent numbers
// are null, and new keys may be added within a version:
//
//   { "schema": "clef.evaluation", "version": 1,
//     "model": …, "protocol": "probe", "task": "ptbxl-superdiagnostic", "kind": "multi-label",
//     "metric": "macro-auroc",                      the task's own among `metrics`
//     "rows": {"train": n, "fitted": n, "val": n, "test": n, "test_patients": n},
//     "bootstrap": {"resamples": 1000, "seed": 0, "confidence": 0.95, "absent_class": "drop"},
//     "settings": {"c": 0.1, "alpha": null, "standardise": true, "balanced": false} or null,
//     "candidates": [{…settings, "validation_loss": x}, …],
//     "metrics": {"macro-auroc": {"value": x, "low": x, "high": x, "unscored": n,
//                                 "classes": n, "dropped": n, "incomplete_resamples": n}, …},
//     "classes": [{"code": …, "name": …, "train_positives": n, "val_positives": n,
//                  "test_positives": n, "test_negatives": n, "auroc": {"value": …, "low": …,
//                  "high": …, "unscored": n}, "auprc": {…}, "threshold": x, "f1": x,
//                  "balanced_accuracy": x, "log_loss": x, "brier": x}, …],
//     "unlearnt_classes": ["AFLT"], "seconds": x }
//
// The last three of a metric are there for macro means only.
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "evaluation/probe.hpp"

namespace clef {

nlohmann::json result_json(const ProbeResult& result);

// One comparison: {"metric", "difference", "low", "high", "unscored", "p", "p_holm"}.
nlohmann::json comparison_json(const Comparison& comparison);

// One row per answered validation and test row: record, patient_id, split, then per class
// `CODE` (0/1) and `CODE.score`, or `value` and `predicted` for a regression. Atomic. Columns of
// equal code are an error of the task, which cohort/task.hpp refuses.
void write_predictions(const ProbeResult& result, const EvaluationRows& rows,
                       const Targets& targets, const std::filesystem::path& path);

}  // namespace clef
