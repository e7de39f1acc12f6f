// The cohort: the one table everything works on, a CSV with a row per recording.
//
// Reserved columns, all optional but the first (units in their names): record, patient_id, age, sex
// (M/F), height_cm, weight_kg, sbp_mmhg, dbp_mmhg, total_cholesterol_mmol_l, hdl_mmol_l, smoker
// (0/1), diabetes (0/1), risk (fraction 0–1), missing (fraction of attributes missing 0–1), split
// (train/val/test), start_s, duration_s, leads (separated by spaces). Every other column is a label
// or a note and is kept as text. An empty cell is missing. Paths in `record` are relative to the
// file.
//
// Everything here is safe to call from several threads on different objects.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv.hpp"
#include "clinical/attributes.hpp"
#include "clinical/risk_factors.hpp"

namespace clef {

struct CohortRow {
    std::string record;      // as written in the table
    std::string patient_id;  // the record itself when the column is absent
    RiskFactors factors;     // age, sex, blood pressure, cholesterol, smoking, diabetes
    std::optional<double> height_cm;
    std::optional<double> weight_kg;
    std::optional<double> dbp_mmhg;
    std::optional<double> risk;     // 0–1
    std::optional<double> missing;  // 0–1
    std::string split;              // "train", "val", "test" or empty
    std::optional<double> start_s;
    std::optional<double> duration_s;
    std::vector<std::string> leads;
    std::size_t line = 0;  // in the file, from 1; 0 when made in memory
    // Risk factors that were not taken over, and why; read_factors and read_cholesterol alone.
    std::vector<std::pair<Attribute, std::string>> impossible;
    std::vector<std::string> extras;  // parallel to Cohort::extra_columns
};

struct Cohort {
    std::string source;            // for messages
    std::filesystem::path folder;  // what `record` is relative to
    std::string dataset;           // the adapter's name ("ptbxl"); empty when read from a table
    bool has_patient_ids = true;
    std::vector<std::string> extra_columns;  // labels and notes, in the file's order
    std::vector<CohortRow> rows;
    // Rows of the file that were left out on request: record (or its line) and reason.
    std::vector<std::pair<std::string, std::string>> skipped;

    // Where a row's recording lies on the disk.
    std::filesystem::path path_of(const CohortRow& row) const;
    // Index into `extras`; an InputError lists the columns there are.
    std::size_t label_column(std::string_view name) const;
    // A cell of any column, reserved ones included ("age", "risk", "sex"), as text; "" is missing.
    std::string cell(const CohortRow& row, std::string_view column) const;
};

// Reads and checks every cell; an InputError names file, line, column, what was found and expected
// (age "seventy", sex "X", smoker "maybe", risk 12). Without patient_id each record is its own
// patient, and a note says so. A column whose name is nearly a reserved one ("patientid", "sbp")
// is kept as a label, with a warning.
// With skip_bad, rows with a cell that cannot be read are left out and listed in `skipped`.
Cohort read_cohort(const std::filesystem::path& path, bool skip_bad = false);
Cohort parse_cohort(const CsvTable& table, const std::filesystem::path& folder,
                    bool skip_bad = false);

// As read_cohort, but a risk factor that cannot be (blood pressure 12, cholesterol 250 mmol/L, an
// age of 300, a sex that is neither M nor F) is not taken over, and the row's `impossible` says
// why.
Cohort read_factors(const std::filesystem::path& path);

// Writes the reserved columns that any row uses, then the extras. Atomic. Numbers keep the shortest
// form that reads back the same; relative records are rewritten relative to the new file.
void write_cohort(const Cohort& cohort, const std::filesystem::path& path);

// A patient whose recordings lie in more than one split leaks from training into the test: an
// InputError names the patients (the first few), their splits and lines.
void refuse_leaks(const Cohort& cohort);

// One table of several: the rows in order, the union of the extra columns, records relative to
// `folder`. Cohorts of the same named data set share their patients; otherwise patient ids get the
// data set's name, or the cohort's place in the list, in front ("ptbxl/15709", "2/17").
Cohort join_cohorts(std::span<const Cohort> cohorts, const std::filesystem::path& folder);

}  // namespace clef
