#include "cohort/metadata.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/columns.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr double centimetres_per_inch = 2.54;
constexpr double kilograms_per_pound = 0.45359237;

// ---- which row of the table belongs to which row of the cohort ----

// A record's path without its ending, './' and the like.
std::string normal_record(std::string_view record) {
    fs::path path = fs::path(std::string(trim(record))).lexically_normal();
    const std::string ending = lower(path.extension().string());
    if (ending == ".hea" || ending == ".dat") path.replace_extension();
    return path.generic_string();
}

// One ends in the other, at a folder's boundary.
bool same_record(const std::string& a, const std::string& b) {
    const std::string& longer = a.size() >= b.size() ? a : b;
    const std::string& shorter = a.size() >= b.size() ? b : a;
    if (!longer.ends_with(shorter)) return false;
    return longer.size() == shorter.size() || shorter.starts_with('/') ||
           longer[longer.size() - shorter.size() - 1] == '/';
}

struct Keys {
    MetadataKey key = MetadataKey::record;
    std::size_t column = 0;
};

Keys keys_of(const CsvTable& table, std::optional<MetadataKey> wanted) {
    const auto first = [&](std::initializer_list<const char*> names) -> std::optional<std::size_t> {
        for (const char* name : names) {
            if (const auto found = table.find(name)) return found;
        }
        return std::nullopt;
    };
    if (wanted != MetadataKey::patient) {
        if (const auto column = first({"record", "path"})) return {MetadataKey::record, *column};
    }
    if (wanted != MetadataKey::record) {
        const auto column = first({"patient_id", "subject_id"});
        if (column) return {MetadataKey::patient, *column};
    }
    fail_input("{}: no key column; expected {}; found: {}", table.source,
               wanted == MetadataKey::record    ? "'record' or 'path'"
               : wanted == MetadataKey::patient ? "'patient_id' or 'subject_id'"
                                                : "'record', 'path', 'patient_id' or 'subject_id'",
               join(table.columns, ", "));
}

// "15709.0", as pandas writes whole numbers beside missing ones, is patient 15709.
std::string normal_patient(std::string_view name) {
    const std::string_view trimmed = trim(name);
    return std::string(trimmed.ends_with(".0") && parse_double(trimmed)
                           ? trimmed.substr(0, trimmed.size() - 2)
                           : trimmed);
}

constexpr std::size_t nothing = static_cast<std::size_t>(-1);

// For each row of the cohort the row of the table, or `nothing`.
class Matching {
  public:
    Matching(const Cohort& cohort, const CsvTable& table, const Keys& keys)
        : cohort_(cohort), table_(table), column_(keys.column), rows_(cohort.rows.size(), nothing) {
        keys.key == MetadataKey::patient ? match_patients() : match_records();
    }
    const std::vector<std::size_t>& rows() const { return rows_; }

  private:
    const std::string& cell(std::size_t row) const { return table_.rows[row][column_]; }

    [[noreturn]] void fail_twice(std::size_t first, std::size_t second) const {
        fail_input("{}: column '{}': lines {} and {} both describe '{}'; expected one line each",
                   table_.source, table_.columns[column_], table_.lines[first],
                   table_.lines[second], cell(second));
    }

    void match_patients() {
        std::unordered_map<std::string, std::size_t> row_of;
        for (std::size_t i = 0; i < table_.rows.size(); ++i) {
            const std::string patient = normal_patient(cell(i));
            if (patient.empty()) continue;
            const auto [found, added] = row_of.emplace(patient, i);
            if (!added) fail_twice(found->second, i);
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const auto found = row_of.find(normal_patient(cohort_.rows[i].patient_id));
            if (found != row_of.end()) rows_[i] = found->second;
        }
    }

    void match_records() {
        std::vector<std::string> names;
        std::unordered_multimap<std::string, std::size_t> by_file;  // file's name → cohort row
        for (const CohortRow& row : cohort_.rows) {
            by_file.emplace(fs::path(normal_record(row.record)).filename().string(), names.size());
            names.push_back(normal_record(row.record));
        }
        for (std::size_t i = 0; i < table_.rows.size(); ++i) {
            const std::string record = normal_record(cell(i));
            if (record.empty()) continue;
            const auto [begin, end] = by_file.equal_range(fs::path(record).filename().string());
            std::size_t fitting = nothing;
            for (auto it = begin; it != end; ++it) {
                if (!same_record(names[it->second], record)) continue;
                // Stretches of one recording are rows of their own; two recordings are a doubt.
                if (fitting != nothing && names[fitting] != names[it->second]) {
                    fail_input("{}: line {}: record '{}' fits both {} and {}; name more folders",
                               table_.source, table_.lines[i], record, names[fitting],
                               names[it->second]);
                }
                fitting = it->second;
                if (rows_[fitting] != nothing) fail_twice(rows_[fitting], i);
                rows_[fitting] = i;
            }
        }
    }

    const Cohort& cohort_;
    const CsvTable& table_;
    std::size_t column_;
    std::vector<std::size_t> rows_;
};

// ---- what a column means ----

// A column of the table as a column of the cohort; `convert` gives "" for what it cannot read.
struct Mapped {
    std::size_t column = 0;
    std::string target;
    std::string (*convert)(std::string_view cell) = nullptr;  // nullptr: as it stands
};

std::string scaled(std::string_view cell, double factor) {
    const auto value = parse_double(cell);
    return value ? fmt::format("{}", std::round(*value * factor * 1e6) / 1e6) : "";
}

// "120/80": the part before or behind the stroke.
std::string pressure(std::string_view cell, std::size_t part) {
    const auto parts = split(cell, '/');
    if (parts.size() != 2 || !parse_double(parts[0]) || !parse_double(parts[1])) return "";
    return std::string(trim(parts[part]));
}

std::string sex_letter(std::string_view cell) {
    const std::string word = lower(cell);
    if (word == "m" || word == "male") return "M";
    return word == "f" || word == "female" ? "F" : "";
}

std::vector<Mapped> released_columns(std::size_t column, const std::string& name,
                                     std::optional<RiskUnit> unit) {
    if (name == "gender") return {{column, "sex", sex_letter}};
    if (name == "age_at_ecg") return {{column, "age"}};
    if (name == "Blood Pressure") {
        return {{column, "sbp_mmhg", [](std::string_view cell) { return pressure(cell, 0); }},
                {column, "dbp_mmhg", [](std::string_view cell) { return pressure(cell, 1); }}};
    }
    if (name == "Height (Inches)") {
        return {{column, "height_cm",
                 [](std::string_view cell) { return scaled(cell, centimetres_per_inch); }}};
    }
    if (name == "Weight (Lbs)") {
        return {{column, "weight_kg",
                 [](std::string_view cell) { return scaled(cell, kilograms_per_pound); }}};
    }
    if (name == "rate_meta") return {{column, "missing"}};
    if (name == "subject_id") return {{column, "patient_id", normal_patient}};
    if (name == "score2_risk" && unit == RiskUnit::fraction) return {{column, "risk"}};
    if (name == "score2_risk" && unit == RiskUnit::percent) {
        return {{column, "risk", [](std::string_view cell) { return scaled(cell, 0.01); }}};
    }
    return {{column, name}};
}

std::vector<Mapped> mapped_columns(const CsvTable& table, const Keys& keys,
                                   std::optional<RiskUnit> unit) {
    std::vector<Mapped> columns;
    std::map<std::string, std::string> source_of;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const std::string& name = table.columns[c];
        if (c == keys.column || name.empty() || name == "record" || name == "path") continue;
        for (const Mapped& mapped : released_columns(c, name, unit)) {
            const auto [known, added] = source_of.emplace(mapped.target, name);
            if (!added) {
                fail_input("{}: columns '{}' and '{}' both give '{}'; keep one", table.source,
                           known->second, name, mapped.target);
            }
            columns.push_back(mapped);
        }
    }
    return columns;
}

// ---- the join itself ----

bool same_value(const std::string& a, const std::string& b) {
    const auto x = parse_double(a);
    const auto y = parse_double(b);
    return x && y ? std::abs(*x - *y) <= 1e-9 * std::max(1.0, std::abs(*x)) : a == b;
}

class Join {
  public:
    Join(Cohort& cohort, const CsvTable& table, const std::vector<std::size_t>& rows)
        : cohort_(cohort), table_(table), rows_(rows) {}

    // Adds one column; returns a remark, or "".
    std::string add(const Mapped& mapped) {
        const ReservedColumn* reserved = find_reserved(mapped.target);
        if (reserved == nullptr) label_ = label_of(mapped.target);
        std::size_t unreadable = 0;
        std::string example;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (rows_[i] == nothing) continue;
            const std::string_view raw = trim(table_.rows[rows_[i]][mapped.column]);
            if (raw.empty()) continue;
            const std::string value =
                mapped.convert == nullptr ? std::string(raw) : mapped.convert(raw);
            if (!value.empty() && set(i, mapped, reserved, value)) continue;
            ++unreadable;
            if (example.empty())
                example = fmt::format("'{}' in line {}", raw, table_.lines[rows_[i]]);
        }
        if (unreadable == 0) return "";
        return fmt::format(
            "{}: column '{}': {} cell{} could not be read as {} (the first: {}); "
            "left empty",
            table_.source, table_.columns[mapped.column], unreadable, unreadable == 1 ? "" : "s",
            mapped.target, example);
    }

  private:
    std::size_t label_of(const std::string& name) {
        auto& names = cohort_.extra_columns;
        const auto it = std::find(names.begin(), names.end(), name);
        if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
        names.push_back(name);
        for (CohortRow& row : cohort_.rows) row.extras.resize(names.size());
        return names.size() - 1;
    }

    bool set(std::size_t i, const Mapped& mapped, const ReservedColumn* reserved,
             const std::string& value) {
        CohortRow& row = cohort_.rows[i];
        CohortRow read;
        if (reserved != nullptr && !reserved->set(read, value)) return false;
        const std::string text = reserved != nullptr ? reserved->get(read) : value;
        const bool unnamed = mapped.target == "patient_id" && row.patient_id == row.record;
        const std::string there = unnamed               ? ""
                                  : reserved != nullptr ? reserved->get(row)
                                                        : row.extras[label_];
        if (!there.empty() && !same_value(there, text)) {
            fail_input(
                "{}: line {}: column '{}': the cohort already has '{}' = '{}' for {}, and this "
                "says "
                "'{}'; take the column out of one of the two",
                table_.source, table_.lines[rows_[i]], table_.columns[mapped.column], mapped.target,
                there, row.record, text);
        }
        if (!there.empty()) return true;
        if (reserved == nullptr) {
            row.extras[label_] = text;
        } else {
            reserved->set(row, value);
            if (unnamed) cohort_.has_patient_ids = true;
        }
        return true;
    }

    Cohort& cohort_;
    const CsvTable& table_;
    const std::vector<std::size_t>& rows_;
    std::size_t label_ = 0;
};

std::size_t rows_used(const std::vector<std::size_t>& rows, std::size_t table_rows) {
    std::vector<char> used(table_rows, 0);
    for (const std::size_t row : rows) {
        if (row != nothing) used[row] = 1;
    }
    return static_cast<std::size_t>(std::count(used.begin(), used.end(), 1));
}

}  // namespace

std::optional<MetadataKey> parse_metadata_key(std::string_view name) {
    if (name == "record") return MetadataKey::record;
    if (name == "patient_id") return MetadataKey::patient;
    return std::nullopt;
}

std::optional<RiskUnit> parse_risk_unit(std::string_view name) {
    if (name == "fraction") return RiskUnit::fraction;
    if (name == "percent") return RiskUnit::percent;
    return std::nullopt;
}

MetadataResult join_metadata(Cohort& cohort, const CsvTable& table,
                             const MetadataOptions& options) {
    const Keys keys = keys_of(table, options.key);
    const std::vector<Mapped> columns = mapped_columns(table, keys, options.risk_unit);
    const Matching matching(cohort, table, keys);
    const auto& rows = matching.rows();
    MetadataResult result;
    result.key = keys.key;
    result.unmatched = static_cast<std::size_t>(std::count(rows.begin(), rows.end(), nothing));
    result.matched = rows.size() - result.unmatched;
    result.unused = table.rows.size() - rows_used(rows, table.rows.size());
    if (result.matched == 0 && !rows.empty()) {
        fail_input(
            "{}: none of its {} rows belongs to one of the cohort's {} recordings (key "
            "column '{}'; the cohort's first {} is '{}')",
            table.source, table.rows.size(), rows.size(), table.columns[keys.column],
            keys.key == MetadataKey::record ? "record" : "patient",
            keys.key == MetadataKey::record ? cohort.rows[0].record : cohort.rows[0].patient_id);
    }
    Join join(cohort, table, rows);
    for (const Mapped& column : columns) {
        std::string remark = join.add(column);
        if (!remark.empty()) result.remarks.push_back(std::move(remark));
        if (column.target == "score2_risk") {
            result.remarks.push_back(fmt::format(
                "{}: column 'score2_risk' is kept as a label, as its unit is not known; "
                "--metadata-risk-unit fraction or percent reads it as risk",
                table.source));
        }
    }
    result.remarks.insert(
        result.remarks.begin(),
        fmt::format(
            "{}: {} recordings matched on {}, {} without a row; {} rows of the table belong "
            "to no recording",
            table.source, result.matched, keys.key == MetadataKey::record ? "record" : "patient_id",
            result.unmatched, result.unused));
    return result;
}

}  // namespace clef
