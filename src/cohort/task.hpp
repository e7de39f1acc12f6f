// A task: what a probe or a fine-tuned head is to predict from a recording, as a TOML file in the
// folder tasks/.
//
//     name = "ptbxl-superdiagnostic"
//     title = "PTB-XL diagnostic superclasses"
//     dataset = "ptbxl"               # the `clef index --dataset` that writes the label column
//     label = "superdiagnostic"       # a column of the cohort table, reserved ones included
//     kind = "multi-label"            # or "multi-class" or "regression"
//     metric = "macro-auroc"          # optional; the kind's usual one by default
//     lead = "I"                      # optional; the encoder's own by default
//     classes = [{ code = "NORM", name = "normal ECG" }, …]    # or plain: ["F", "M"]
//     unit = "years"                  # regression only
//
// An unknown or mistyped key is an InputError that names file, line and the nearest right key.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/cohort.hpp"

namespace clef {

enum class TaskKind { multi_label, multi_class, regression };
std::string_view task_kind_name(TaskKind kind);  // "multi-label", …

struct TaskClass {
    std::string code;  // as in the label column
    std::string name;  // for people; the code when the file gives none
};

struct Task {
    std::string name;
    std::string title;    // the name when the file gives none
    std::string dataset;  // may be empty: any cohort with the column
    std::string label;
    TaskKind kind = TaskKind::multi_label;
    std::vector<TaskClass> classes;  // empty for a regression
    std::string unit;                // of a regression's value
    std::optional<std::string> lead;
    // macro-auroc, macro-auprc, macro-f1, accuracy; mae, rmse, r2 for a regression.
    std::string metric;
};

Task read_task(const std::filesystem::path& path);
Task parse_task(std::string_view toml, const std::string& source);

// What each row of a cohort has as its answer; the arrays are parallel to Cohort::rows.
struct Targets {
    TaskKind kind = TaskKind::multi_label;
    std::size_t classes = 0;
    std::vector<char> known;       // 1 where the row has an answer; an empty cell has none
    std::vector<char> indicators;  // multi-label: rows × classes, row-major, 0 or 1
    std::vector<int> class_index;  // multi-class: −1 where not known
    std::vector<double> values;    // regression: NaN where not known

    std::size_t rows() const { return known.size(); }
    std::size_t known_rows() const;
};

// Multi-label cells hold class codes separated by ';'; the single word "none" (unless a class is
// called so) is an answer without any class. A code that is no class of the task, two codes in a
// multi-class cell, or a value that is no number is an InputError naming file, line and column.
Targets make_targets(const Cohort& cohort, const Task& task);

}  // namespace clef
