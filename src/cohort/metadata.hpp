// Joining a table of metadata to a cohort, on the recording or on the patient.
//
// Columns with a reserved name (cohort.hpp) are read as such. So are those of the metadata table
// that CLEF was released with (for MIMIC-IV-ECG), with their units as the names say them:
//   gender                      sex: M or F, male or female
//   age_at_ecg                  age
//   Blood Pressure              sbp_mmhg and dbp_mmhg, from "120/80"
//   Height (Inches)             height_cm, × 2.54
//   Weight (Lbs)                weight_kg, × 0.45359237
//   rate_meta                   missing, the fraction of the attributes missing
//   score2_risk                 risk, only where the caller says its unit; else a label
//   path                        the key `record`
//   subject_id                  patient_id
// Everything else (anchor_age, BMI (kg/m2), heart_rate, heart_rate_var, …) becomes a label column.
// A cell that cannot be read leaves its value missing and is counted in the remarks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "cohort/cohort.hpp"

namespace clef {

enum class MetadataKey { record, patient };
enum class RiskUnit { fraction, percent };

std::optional<MetadataKey> parse_metadata_key(std::string_view name);  // "record", "patient_id"
std::optional<RiskUnit> parse_risk_unit(std::string_view name);        // "fraction", "percent"

struct MetadataOptions {
    std::optional<MetadataKey> key;     // nothing: record where the table has it, else patient_id
    std::optional<RiskUnit> risk_unit;  // of score2_risk
};

struct MetadataResult {
    MetadataKey key = MetadataKey::record;
    std::size_t matched = 0;    // recordings of the cohort with a row in the table
    std::size_t unmatched = 0;  // recordings without one
    std::size_t unused = 0;     // rows of the table that belong to no recording
    std::vector<std::string> remarks;
};

// Adds the table's columns to the cohort's rows. A record matches where one path ends in the other
// at a folder's boundary, endings .hea and .dat aside: tables name records relative to a data set's
// folder, cohorts relative to the current one. Values already there are kept.
//
// InputErrors, naming file, line and column: no key column; a key twice in the table, or one that
// fits several recordings of different folders; a value that contradicts one already there; not one
// match.
MetadataResult join_metadata(Cohort& cohort, const CsvTable& table,
                             const MetadataOptions& options = {});

}  // namespace clef
