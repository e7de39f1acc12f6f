// Results for machines. The JSON of one result, schema "clef.evaluation", version 1; absent numbers
// are null, and new keys may be added within a version:
//
//   { "schema": "clef.evaluation", "version": 1,
//     "model": …, "protocol": "probe", "fraction": 1, "seed": 1, "task": "ptbxl-superdiagnostic",
//     "kind": "multi-label", "metric": "macro-auroc",                      the task's own among
//     `metrics` "rows": {"train": n, "fitted": n, "val": n, "test": n, "test_patients": n},
//     "bootstrap": {"resamples": 1000, "seed": 0, "confidence": 0.95, "absent_class": "drop"},
//     "settings": {"c": 0.1, "alpha": null, "standardise": true, "balanced": false} or null,
//     "candidates": [{…settings, "validation_loss": x}, …],
//     "metrics": {"macro-auroc": {"value": x, "low": x, "high": x, "unscored": n,
//                                 "classes": n, "dropped": n, "incomplete_resamples": n}, …},
//     "classes": [{"code": …, "name": …, "train_positives": n, "val_positives": n,
//                  "test_positives": n, "test_negatives": n, "auroc": {"value": …, "low": …,
//                  "high": …, "unscored": n}, "auprc": {…}, "threshold": x, "f1": x,
//                  "balanced_accuracy": x, "log_loss": x, "brier": x, "ece": x}, …],
//     "chosen": "C 0.1, standardised, no weights",
//     "epochs": [{"training_loss": x, "validation_loss": x}, …], "best_epoch": n or null,
//     "unlearnt_classes": ["AFLT"], "seconds": x }
//
// The last three of a metric are there for macro means only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/file.hpp"
#include "evaluation/task_result.hpp"

namespace clef {

nlohmann::json result_json(const TaskResult& result);

// One comparison: {"metric", "difference", "low", "high", "unscored", "p", "p_holm"}.
nlohmann::json comparison_json(const Comparison& comparison);

// predictions.csv: one line per answered validation and test recording and class: `record`, `label`
// (a class's code; a regression's column), `score` (a probability; a value in the task's unit),
// `split`, `truth` (0 or 1; a value), `patient_id`, `task`, `model`, `protocol`, `seed`.
std::string prediction_header();
void write_predictions(const TaskResult& result, const EvaluationRows& rows, const Targets& targets,
                       AtomicFile& file);

}  // namespace clef
