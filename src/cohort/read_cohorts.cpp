#include "cohort/read_cohorts.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace clef {

namespace {

// The value that all rows have in the column `dataset`; "" where there is none.
std::string dataset_of(const Cohort& cohort) {
    const auto& names = cohort.extra_columns;
    const auto at = std::find(names.begin(), names.end(), "dataset");
    if (at == names.end() || cohort.rows.empty()) return "";
    const auto column = static_cast<std::size_t>(at - names.begin());
    const std::string& first = cohort.rows.front().extras[column];
    const bool same = std::all_of(cohort.rows.begin(), cohort.rows.end(),
                                  [&](const auto& row) { return row.extras[column] == first; });
    return same ? first : "";
}

}  // namespace

Cohort read_cohorts(std::span<const std::filesystem::path> paths, bool skip_bad) {
    if (paths.empty()) fail_input("no cohort table given");
    if (paths.size() == 1) return read_cohort(paths[0], skip_bad);
    std::vector<Cohort> cohorts;
    for (const std::filesystem::path& path : paths) {
        cohorts.push_back(read_cohort(path, skip_bad));
        cohorts.back().dataset = dataset_of(cohorts.back());
    }
    Cohort joined = join_cohorts(cohorts, "");
    for (const Cohort& cohort : cohorts) {
        joined.skipped.insert(joined.skipped.end(), cohort.skipped.begin(), cohort.skipped.end());
    }
    return joined;
}

}  // namespace clef
