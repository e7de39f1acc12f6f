#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "cohort/cohort.hpp"
#include "cohort/columns.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

// With a slash at its end, so that equal folders are equal paths; "" is the current folder.
fs::path absolute_folder(const fs::path& folder) {
    return ((folder.empty() ? fs::current_path() : fs::absolute(folder)) / "").lexically_normal();
}

// `record`, which is relative to `from`, as seen from `to`. Symbolic links are not followed: the
// path that the user gave is the path that is written.
std::string moved_record(const std::string& record, const fs::path& from, const fs::path& to) {
    if (fs::path(record).is_absolute()) return record;
    const fs::path old_folder = absolute_folder(from);
    const fs::path new_folder = absolute_folder(to);
    if (old_folder == new_folder) return record;
    return (old_folder / record).lexically_normal().lexically_proximate(new_folder).string();
}

std::vector<const ReservedColumn*> used_columns(const Cohort& cohort) {
    std::vector<const ReservedColumn*> used;
    for (const ReservedColumn& column : reserved_columns()) {
        if (column.name == "patient_id" && !cohort.has_patient_ids) continue;
        const bool any =
            std::any_of(cohort.rows.begin(), cohort.rows.end(),
                        [&](const CohortRow& row) { return !column.get(row).empty(); });
        if (any || column.name == "record") used.push_back(&column);
    }
    return used;
}

}  // namespace

void write_cohort(const Cohort& cohort, const fs::path& path) {
    const std::vector<const ReservedColumn*> columns = used_columns(cohort);
    std::vector<std::string> cells;
    for (const ReservedColumn* column : columns) cells.push_back(column->name);
    cells.insert(cells.end(), cohort.extra_columns.begin(), cohort.extra_columns.end());
    AtomicFile file(path);
    file.write(csv_line(cells));
    for (const CohortRow& row : cohort.rows) {
        cells = {moved_record(row.record, cohort.folder, path.parent_path())};
        for (std::size_t c = 1; c < columns.size(); ++c) cells.push_back(columns[c]->get(row));
        cells.insert(cells.end(), row.extras.begin(), row.extras.end());
        file.write(csv_line(cells));
    }
    file.commit();
}

Cohort join_cohorts(std::span<const Cohort> cohorts, const fs::path& folder) {
    Cohort joined;
    joined.folder = folder;
    joined.has_patient_ids = false;
    std::set<std::string> datasets;
    for (const Cohort& cohort : cohorts) {
        datasets.insert(cohort.dataset);
        joined.source += (joined.source.empty() ? "" : " + ") + cohort.source;
        joined.has_patient_ids = joined.has_patient_ids || cohort.has_patient_ids;
        for (const std::string& name : cohort.extra_columns) {
            const auto& known = joined.extra_columns;
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                joined.extra_columns.push_back(name);
            }
        }
    }
    const bool same = cohorts.size() < 2 || (datasets.size() == 1 && !datasets.contains(""));
    if (same && !cohorts.empty()) joined.dataset = cohorts.front().dataset;
    for (std::size_t i = 0; i < cohorts.size(); ++i) {
        const Cohort& cohort = cohorts[i];
        const std::string prefix = cohort.dataset.empty() ? std::to_string(i + 1) : cohort.dataset;
        for (CohortRow row : cohort.rows) {
            const std::vector<std::string> extras = row.extras;
            row.extras.assign(joined.extra_columns.size(), "");
            for (std::size_t c = 0; c < extras.size(); ++c) {
                row.extras[joined.label_column(cohort.extra_columns[c])] = extras[c];
            }
            row.record = moved_record(row.record, cohort.folder, folder);
            if (!same) row.patient_id = prefix + "/" + row.patient_id;
            row.line = 0;  // several files: the record says which row is meant
            joined.rows.push_back(std::move(row));
        }
    }
    return joined;
}

}  // namespace clef
