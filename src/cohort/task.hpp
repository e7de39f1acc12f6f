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
//     unlisted = "ignore"             # optional; what no class takes is an error by default
//     unit = "years"                  # regression only
//     per = "patient"                 # optional: a patient's recordings count as one, their
//                                     # predictions averaged; each for itself by default
//
// A multi-label task may read several columns, label = ["diagnostic", "rhythm"], and a task several
// data sets, dataset = ["ptbxl", "cpsc2018"]. A class takes the cells (multi-label: the parts of a
// cell between ';') that are its code; or instead those that
//     values = ["AFIB", "AF"]         # are one of these
//     contains = ["Home"]             # hold one of these texts; the first class of the list wins
//     at_least = 50, below = 60       # are numbers in this range, either end optional
//     otherwise = true                # no other class takes
//
// Without a split rule the table's column `split` says what is for training, validation and test.
//     [split]
//     train = { dataset = "ptbxl", split = "train" }    # rows whose columns have these values,
//     val = { dataset = "ptbxl", split = ["val"] }      # or one of several
//     test = { dataset = "cpsc2018" }
// or  [split]
//     patients = [70, 15, 15]         # per cent, by a hash of the patient
//
// An unknown or mistyped key is an InputError that names file, line and the nearest right key.
#pragma once

#include <array>
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
    // What counts as this class instead of its code.
    std::vector<std::string> values = {};
    std::vector<std::string> contains = {};
    std::optional<double> at_least = {};
    std::optional<double> below = {};
    bool otherwise = false;

    bool has_rule() const;
};

// A row is in a part when each of these columns has one of its values.
struct SplitCondition {
    std::string column;
    std::vector<std::string> values;
};

struct SplitRule {
    std::array<std::vector<SplitCondition>, 3> parts;  // train, val, test
    std::optional<std::array<double, 3>> patients;     // per cent; instead of the parts
};

struct Task {
    std::string name;
    std::string title;    // the name when the file gives none
    std::string dataset;  // "ptbxl, cpsc2018" for several; may be empty: any cohort with the column
    std::string label;    // "diagnostic, rhythm" for several
    std::vector<std::string> labels;  // the columns; empty: label is the one
    TaskKind kind = TaskKind::multi_label;
    std::vector<TaskClass> classes;  // empty for a regression
    bool ignore_unlisted = false;
    std::string unit;          // of a regression's value
    bool per_patient = false;  // scored by the mean over a patient's recordings
    std::optional<std::string> lead;
    // macro-auroc, macro-auprc, macro-f1, accuracy; mae, rmse, r2 for a regression.
    std::string metric;
    std::optional<SplitRule> split;  // the column `split` when the file gives none

    std::vector<std::string> label_columns() const;
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
// Where the task ignores what it does not list, such a code is none of the classes, and a
// multi-class row with one has no answer.
Targets make_targets(const Cohort& cohort, const Task& task);

// The cohort with `split` as the task's rule says; as it is when the task has none. A part without
// rows, a patient in two of them, or a rule's column that the table lacks is an InputError.
Cohort apply_split(const Cohort& cohort, const Task& task);

}  // namespace clef
