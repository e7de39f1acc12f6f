#include "evaluation/per_patient.hpp"

#include <map>

#include "base/error.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

bool same_answer(const Targets& targets, std::size_t a, std::size_t b) {
    if (targets.kind == TaskKind::regression) return targets.values[a] == targets.values[b];
    for (std::size_t k = 0; k < targets.classes; ++k) {
        if (label_of(targets, a, k) != label_of(targets, b, k)) return false;
    }
    return true;
}

void append(PatientRows& result, const EvaluationRows& rows, const Targets& targets,
            std::size_t row) {
    result.rows.records.push_back(rows.patients[row]);
    result.rows.patients.push_back(rows.patients[row]);
    result.rows.splits.push_back(rows.splits[row]);
    result.targets.known.push_back(1);
    for (std::size_t k = 0; targets.kind == TaskKind::multi_label && k < targets.classes; ++k) {
        result.targets.indicators.push_back(targets.indicators[row * targets.classes + k]);
    }
    if (targets.kind == TaskKind::multi_class) {
        result.targets.class_index.push_back(targets.class_index[row]);
    }
    if (targets.kind == TaskKind::regression) result.targets.values.push_back(targets.values[row]);
}

}  // namespace

PatientRows by_patient(const Matrix& predictions, const EvaluationRows& rows,
                       const Targets& targets) {
    refuse_shared_patients(rows);
    PatientRows result;
    result.targets.kind = targets.kind;
    result.targets.classes = targets.classes;
    std::map<std::string, std::vector<std::size_t>> members;
    std::vector<std::string> order;
    for (std::size_t i = 0; i < targets.rows(); ++i) {
        const std::string& split = rows.splits[i];
        if (targets.known[i] == 0 || (split != "train" && split != "val" && split != "test"))
            continue;
        auto& mine = members[rows.patients[i]];
        if (mine.empty()) {
            order.push_back(rows.patients[i]);
            append(result, rows, targets, i);
        } else if (!same_answer(targets, mine.front(), i)) {
            fail_input(
                "patient '{}': records '{}' and '{}' have different answers, and the task's is one "
                "for each patient (per = \"patient\")",
                rows.patients[i], rows.records[mine.front()], rows.records[i]);
        }
        mine.push_back(i);
    }
    result.predictions = Matrix(order.size(), predictions.columns);
    for (std::size_t p = 0; p < order.size(); ++p) {
        const auto& mine = members[order[p]];
        for (const std::size_t row : mine) {
            for (std::size_t k = 0; k < predictions.columns; ++k) {
                result.predictions.at(p, k) +=
                    predictions.at(row, k) / static_cast<double>(mine.size());
            }
        }
    }
    return result;
}

}  // namespace clef
