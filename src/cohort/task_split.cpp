#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "cohort/columns.hpp"
#include "cohort/task.hpp"

namespace clef {

namespace {

constexpr std::array<const char*, 3> part_names = {"train", "val", "test"};

bool meets(const Cohort& cohort, const CohortRow& row,
           const std::vector<SplitCondition>& conditions) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const SplitCondition& one) {
        const std::string cell = cohort.cell(row, one.column);
        return std::find(one.values.begin(), one.values.end(), trim(cell)) != one.values.end();
    });
}

std::string split_of(const Cohort& cohort, const CohortRow& row, const SplitRule& rule) {
    if (rule.patients) {
        const double place = 100 * Random(0, "task split of " + row.patient_id).uniform();
        const auto& percent = *rule.patients;
        return place < percent[0] ? "train" : place < percent[0] + percent[1] ? "val" : "test";
    }
    for (std::size_t i = 0; i < part_names.size(); ++i) {
        if (meets(cohort, row, rule.parts[i])) return part_names[i];
    }
    return "";
}

// "dataset = ptbxl, split = train or val"
std::string text_of(const std::vector<SplitCondition>& conditions) {
    std::vector<std::string> parts;
    for (const SplitCondition& one : conditions) {
        parts.push_back(one.column + " = " + join(one.values, " or "));
    }
    return join(parts, ", ");
}

}  // namespace

Cohort apply_split(const Cohort& cohort, const Task& task) {
    if (!task.split) return cohort;
    const SplitRule& rule = *task.split;
    for (const auto& part : rule.parts) {
        for (const SplitCondition& one : part) {
            if (find_reserved(one.column) == nullptr) cohort.label_column(one.column);
        }
    }
    Cohort result = cohort;
    std::array<std::size_t, 3> counts{};
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        result.rows[i].split = split_of(cohort, cohort.rows[i], rule);
        for (std::size_t p = 0; p < counts.size(); ++p) {
            if (result.rows[i].split == part_names[p]) ++counts[p];
        }
    }
    for (std::size_t p = 0; p < counts.size(); ++p) {
        const bool wanted = !rule.patients || (*rule.patients)[p] > 0;
        if (counts[p] > 0 || !wanted) continue;
        fail_input("{}: no rows for {} of task {}{}", cohort.source, part_names[p], task.name,
                   rule.patients ? "" : ": expected rows with " + text_of(rule.parts[p]));
    }
    refuse_leaks(result);
    return result;
}

}  // namespace clef
