// Pictures of one result on its test rows: ROC, precision–recall and calibration curves of each
// class, the confusion matrix, predicted against true values; and of several results, the metric
// against the fraction of the labels. Pure.
#pragma once

#include <string>
#include <vector>

#include "evaluation/task_result.hpp"

namespace clef {

// `rows` and `targets` are those that the result is of. At most eight classes are drawn, those with
// the most test positives; which are left out is said.
std::string curve_section(const TaskResult& result, const EvaluationRows& rows,
                          const Targets& targets);

// How many test rows of each class (down) were called which (across); multi-class only, else empty.
std::string confusion_table(const TaskResult& result, const EvaluationRows& rows,
                            const Targets& targets);

// A line for each group of results with several fractions (the mean over its seeds); empty where
// there is none.
std::string label_efficiency_chart(const std::vector<TaskResult>& results);

// Answered test rows by the loss of their prediction, the worst first: the mean log-loss over the
// classes, or the absolute error.
struct RowLoss {
    std::size_t row = 0;
    double loss = 0;
};
std::vector<RowLoss> worst_rows(const TaskResult& result, const EvaluationRows& rows,
                                const Targets& targets, std::size_t most);
// "truth: AF; predicted: Normal 0.93, AF 0.02"
std::string prediction_text(const TaskResult& result, const Targets& targets, std::size_t row);

}  // namespace clef
