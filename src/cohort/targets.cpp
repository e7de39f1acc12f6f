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
std::string place(const Cohort& cohort, const CohortRow& row, const std::string& column) {
    const std::string line =
        row.line != 0 ? fmt::format("line {}", row.line) : fmt::format("record {}", row.record);
    return fmt::format("{}: {}: column '{}'", cohort.source, line, column);
}

class TargetMaker {
  public:
    TargetMaker(const Cohort& cohort, const Task& task)
        : cohort_(cohort), task_(task), columns_(task.label_columns()) {
        for (std::size_t k = 0; k < task.classes.size(); ++k) {
            const TaskClass& one = task.classes[k];
            codes_.push_back(one.code);
            if (!one.has_rule()) index_.emplace(one.code, k);
            for (const std::string& value : one.values) index_.emplace(value, k);
            if (one.otherwise) otherwise_ = k;
        }
        for (const std::string& column : columns_) {
            if (find_reserved(column) == nullptr) cohort.label_column(column);
        }
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
        for (std::size_t i = 0; i < rows; ++i) {
            for (const std::string& column : columns_) fill(targets, i, column);
        }
        return targets;
    }

  private:
    void fill(Targets& targets, std::size_t i, const std::string& column) const {
        const CohortRow& row = cohort_.rows[i];
        const std::string text = cohort_.cell(row, column);
        const std::string_view cell = trim(text);
        if (cell.empty()) return;
        targets.known[i] = 1;
        if (task_.kind == TaskKind::regression) {
            const auto value = parse_double(cell);
            if (!value) {
                fail_input("{}: found '{}', expected a number", place(cohort_, row, column), cell);
            }
            targets.values[i] = *value;
        } else if (task_.kind == TaskKind::multi_class) {
            const auto found = class_of(row, column, cell);
            targets.known[i] = found ? 1 : 0;
            if (found) targets.class_index[i] = static_cast<int>(*found);
        } else if (cell != "none" || index_.contains("none")) {
            for (const std::string_view part : split(cell, ';')) {
                const auto found = class_of(row, column, trim(part));
                if (found) targets.indicators[i * codes_.size() + *found] = 1;
            }
        }
    }

    std::optional<std::size_t> class_of(const CohortRow& row, const std::string& column,
                                        std::string_view code) const {
        const auto it = index_.find(code);
        if (it != index_.end()) return it->second;
        const auto number = parse_double(code);
        for (std::size_t k = 0; k < task_.classes.size(); ++k) {
            if (takes(task_.classes[k], code, number)) return k;
        }
        if (otherwise_) return otherwise_;
        if (task_.ignore_unlisted) return std::nullopt;
        const std::string hint = code.find(';') != std::string_view::npos
                                     ? " A multi-class cell holds one class."
                                     : suggestion(code, codes_);
        fail_input("{}: found '{}', expected a class of task {}.{}", place(cohort_, row, column),
                   code, task_.name, hint);
    }

    static bool takes(const TaskClass& one, std::string_view code, std::optional<double> number) {
        const bool held = std::any_of(
            one.contains.begin(), one.contains.end(),
            [&](const std::string& text) { return code.find(text) != std::string_view::npos; });
        if (held) return true;
        if (!number || (!one.at_least && !one.below)) return false;
        return (!one.at_least || *number >= *one.at_least) && (!one.below || *number < *one.below);
    }

    const Cohort& cohort_;
    const Task& task_;
    std::vector<std::string> columns_;
    std::map<std::string, std::size_t, std::less<>> index_;  // value → class
    std::vector<std::string> codes_;
    std::optional<std::size_t> otherwise_;
};

}  // namespace

std::size_t Targets::known_rows() const {
    return static_cast<std::size_t>(std::count(known.begin(), known.end(), 1));
}

Targets make_targets(const Cohort& cohort, const Task& task) {
    return TargetMaker(cohort, task).make();
}

}  // namespace clef
