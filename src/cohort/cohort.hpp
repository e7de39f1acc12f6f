// The cohort: the one table everything works on, a CSV with a row per recording.
//
// Reserved columns, all optional but the first (units in their names): record, patient_id, age, sex
// (M/F), height_cm, weight_kg, sbp_mmhg, dbp_mmhg, total_cholesterol_mmol_l, hdl_mmol_l, smoker
// (0/1), diabetes (0/1), risk (fraction 0–1), missing (fraction of attributes missing 0–1), split
// (train/val/test), start_s, duration_s, leads (separated by spaces). Every other column is a label
// or a note and is kept as text. An empty cell is missing. Paths in `record` are relative to the
// file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
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
    std::size_t line = 0;             // in the file, from 1; 0 when made in memory
    std::vector<std::string> extras;  // parallel to Cohort::extra_columns
};

struct Cohort {
    std::string source;            // for messages
    std::filesystem::path folder;  // what `record` is relative to
    bool has_patient_ids = true;
    std::vector<std::string> extra_columns;  // labels and notes, in the file's order
    std::vector<CohortRow> rows;

    // Where a row's recording lies on the disk.
    std::filesystem::path path_of(const CohortRow& row) const;
    // Index into `extras`; an InputError lists the columns there are.
    std::size_t label_column(std::string_view name) const;
    // A cell of any column, reserved ones included ("age", "risk", "sex"), as text; "" is missing.
    std::string cell(const CohortRow& row, std::string_view column) const;
};

// Reads and checks every cell; an InputError names file, line, column, what was found and expected
// (age "seventy", sex "X", smoker "maybe", risk 12). Without patient_id each record is its own
// patient, and a note says so.
Cohort read_cohort(const std::filesystem::path& path);
Cohort parse_cohort(const CsvTable& table, const std::filesystem::path& folder);

// Writes the reserved columns that any row uses, then the extras. Atomic. Numbers keep the shortest
// form that reads back the same.
void write_cohort(const Cohort& cohort, const std::filesystem::path& path);

}  // namespace clef
