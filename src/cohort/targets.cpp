#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/columns.hpp"
#include "cohort/task.hpp"

namespace clef {

namespace {

// "cohort.csv: line 7: column 'rhythm'", or the record where there is no line.
std::string place(const Cohort& cohort, const CohortRow& row, const Task& task) {
    const std::string line =
        row.line != 0 ? fmt::format("line {}", row.line) : fmt::format("record {}", row.record);
    return fmt::format("{}: {}: column '{}'", cohort.source, line, task.label);
}

class TargetMaker {
  public:
    TargetMaker(const Cohort& cohort, const Task& task) : cohort_(cohort), task_(task) {
        for (const TaskClass& one : task.classes) {
            index_.emplace(one.code, index_.size());
            codes_.push_back(one.code);
        }
        if (find_reserved(task.label) == nullptr) cohort.label_column(task.label);
    }

    Targets make() const {
        Targets targets;
        targets.kind = task_.kind;
        targets.classes = task_.classes.size();
        const std::size_t rows = cohort_.rows.size();
        targets.known.assign(rows, 0);
        if (task_.kind == TaskKind::multi_label) targets.indicators.assign(rows * codes_.size(), 0);
        if (task_.kind == TaskKind::multi_class) targets.class_index.assign(rows, -1);
        if (task_.kind == TaskKind::regression) {
            targets.values.assign(rows, std::numeric_limits<double>::quiet_NaN());
        }
        for (std::size_t i = 0; i < rows; ++i) fill(targets, i);
        return targets;
    }

  private:
    void fill(Targets& targets, std::size_t i) const {
        const CohortRow& row = cohort_.rows[i];
        const std::string text = cohort_.cell(row, task_.label);
        const std::string_view cell = trim(text);
        if (cell.empty()) return;
        targets.known[i] = 1;
        if (task_.kind == TaskKind::regression) {
            const auto value = parse_double(cell);
            if (!value) {
                fail_input("{}: found '{}', expected a number", place(cohort_, row, task_), cell);
            }
            targets.values[i] = *value;
        } else if (task_.kind == TaskKind::multi_class) {
            targets.class_index[i] = static_cast<int>(class_of(row, cell));
        } else if (cell != "none" || index_.contains("none")) {
            for (const std::string_view part : split(cell, ';')) {
                targets.indicators[i * codes_.size() + class_of(row, trim(part))] = 1;
            }
        }
    }

    std::size_t class_of(const CohortRow& row, std::string_view code) const {
        const auto it = index_.find(std::string(code));
        if (it != index_.end()) return it->second;
        const std::string hint = code.find(';') != std::string_view::npos
                                     ? " A multi-class cell holds one class."
                                     : suggestion(code, codes_);
        fail_input("{}: found '{}', expected a class of task {}.{}", place(cohort_, row, task_),
                   code, task_.name, hint);
    }

    const Cohort& cohort_;
    const Task& task_;
    std::map<std::string, std::size_t> index_;
    std::vector<std::string> codes_;
};

}  // namespace

std::size_t Targets::known_rows() const {
    return static_cast<std::size_t>(std::count(known.begin(), known.end(), 1));
}

Targets make_targets(const Cohort& cohort, const Task& task) {
    return TargetMaker(cohort, task).make();
}

}  // namespace clef
