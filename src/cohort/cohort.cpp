#include "cohort/cohort.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "clinical/score2.hpp"
#include "cohort/columns.hpp"

namespace clef {

namespace {

// The reserved name a column was probably meant to have, or "".
std::string meant_name(const std::string& column) {
    static const std::map<std::string, std::string> other_words = {
        {"gender", "sex"}, {"smoking", "smoker"}, {"cholesterol", "total_cholesterol_mmol_l"}};
    const std::string word = lower(column);
    if (word.ends_with("_mg_dl")) return "";  // cholesterol.hpp reads them
    if (const auto other = other_words.find(word); other != other_words.end()) return other->second;
    const std::vector<std::string> names = reserved_names();
    for (const std::string& name : names) {
        if (name == word || name.rfind(word + "_", 0) == 0) return name;
    }
    if (word.size() < 5) return "";  // short names are near to many words that mean other things
    return nearest(word, names).value_or("");
}

void warn_of_slips(const CsvTable& table) {
    for (const std::string& column : table.columns) {
        if (column.empty() || find_reserved(column) != nullptr) continue;
        const std::string meant = meant_name(column);
        if (meant.empty() || table.find(meant)) continue;
        warn(fmt::format("{}: column '{}' is kept as a label; if it is meant as '{}', rename it",
                         table.source, column, meant));
    }
}

// Notes what is impossible about a risk factor's cell; false when it is no such cell or no such
// trouble.
bool note_if_impossible(CohortRow& row, const std::string& column, std::string_view cell) {
    if (column == "sex") {
        row.impossible.emplace_back(Attribute::sex,
                                    fmt::format("sex '{}' is neither M nor F", cell));
        return true;
    }
    using Factor = std::optional<double> RiskFactors::*;
    static const std::map<std::string, std::pair<Attribute, Factor>> factors = {
        {"age", {Attribute::age, &RiskFactors::age}},
        {"sbp_mmhg", {Attribute::systolic_pressure, &RiskFactors::sbp_mmhg}},
        {"total_cholesterol_mmol_l",
         {Attribute::total_cholesterol, &RiskFactors::total_cholesterol_mmol_l}},
        {"hdl_mmol_l", {Attribute::hdl_cholesterol, &RiskFactors::hdl_mmol_l}}};
    const auto found = factors.find(column);
    if (found == factors.end()) return false;
    RiskFactors one;
    one.*found->second.second = parse_double(cell);
    std::string reason = impossible_value(one);
    if (reason.empty()) return false;
    row.impossible.emplace_back(found->second.first, std::move(reason));
    return true;
}

CohortRow parse_row(const CsvTable& table, std::size_t index,
                    const std::vector<const ReservedColumn*>& columns, bool note_impossible) {
    CohortRow row;
    row.line = table.lines[index];
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::string& raw = table.rows[index][c];
        if (columns[c] == nullptr) {
            if (!table.columns[c].empty()) row.extras.push_back(raw);
            continue;
        }
        const std::string_view cell = trim(raw);
        if (cell.empty()) continue;
        if (!columns[c]->set(row, cell)) {
            if (note_impossible && note_if_impossible(row, columns[c]->name, cell)) continue;
            fail_input(
                "{}: line {}: column '{}': found '{}', expected {}; leave the cell empty if "
                "it is not known",
                table.source, row.line, table.columns[c], cell, columns[c]->expected);
        }
    }
    if (row.record.empty()) {
        fail_input("{}: line {}: column 'record' is empty; expected the path of a recording",
                   table.source, row.line);
    }
    return row;
}

// A row without a patient becomes its own patient; says how many there are.
void name_unknown_patients(Cohort& cohort) {
    std::size_t unknown = 0;
    for (CohortRow& row : cohort.rows) {
        if (!row.patient_id.empty()) continue;
        row.patient_id = row.record;
        ++unknown;
    }
    if (unknown == 0) return;
    note(cohort.has_patient_ids
             ? fmt::format("{}: {} of {} rows have no patient_id: each is taken as its own patient",
                           cohort.source, unknown, cohort.rows.size())
             : fmt::format("{}: no column 'patient_id': each record is taken as its own patient",
                           cohort.source));
}

Cohort parse_table(const CsvTable& table, const std::filesystem::path& folder, bool skip_bad,
                   bool note_impossible) {
    const auto record = table.find("record");
    if (!record) {
        fail_input("{}: no column 'record' with the recordings' paths; found: {}", table.source,
                   join(table.columns, ", "));
    }
    warn_of_slips(table);
    Cohort cohort;
    cohort.source = table.source;
    cohort.folder = folder;
    cohort.has_patient_ids = table.find("patient_id").has_value();
    std::vector<const ReservedColumn*> columns;
    for (const std::string& name : table.columns) {
        columns.push_back(find_reserved(name));
        if (columns.back() == nullptr && !name.empty()) cohort.extra_columns.push_back(name);
    }
    cohort.rows.reserve(table.rows.size());
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        try {
            cohort.rows.push_back(parse_row(table, i, columns, note_impossible));
        } catch (const InputError& error) {
            if (!skip_bad) throw;
            cohort.skipped.emplace_back(table.rows[i][*record], error.what());
        }
    }
    name_unknown_patients(cohort);
    return cohort;
}

}  // namespace

std::filesystem::path Cohort::path_of(const CohortRow& row) const {
    return folder / row.record;  // an absolute record replaces the folder
}

std::size_t Cohort::label_column(std::string_view name) const {
    const auto it = std::find(extra_columns.begin(), extra_columns.end(), name);
    if (it != extra_columns.end()) return static_cast<std::size_t>(it - extra_columns.begin());
    fail_input("{}: no label column '{}'.{}", source, name,
               extra_columns.empty() ? " The table has no label columns."
                                     : suggestion(name, extra_columns));
}

std::string Cohort::cell(const CohortRow& row, std::string_view column) const {
    if (const ReservedColumn* reserved = find_reserved(column)) return reserved->get(row);
    return row.extras.at(label_column(column));
}

Cohort read_cohort(const std::filesystem::path& path, bool skip_bad) {
    return parse_cohort(read_csv(path), path.parent_path(), skip_bad);
}

Cohort read_factors(const std::filesystem::path& path) {
    return parse_table(read_csv(path), path.parent_path(), false, true);
}

Cohort parse_cohort(const CsvTable& table, const std::filesystem::path& folder, bool skip_bad) {
    return parse_table(table, folder, skip_bad, false);
}

void refuse_leaks(const Cohort& cohort) {
    std::map<std::string, std::map<std::string, std::size_t>> lines;  // patient → split → line
    for (const CohortRow& row : cohort.rows) {
        if (!row.split.empty()) lines[row.patient_id].emplace(row.split, row.line);
    }
    std::vector<std::string> leaks;
    for (const auto& [patient, splits] : lines) {
        if (splits.size() < 2) continue;
        std::vector<std::string> where;
        for (const auto& [split, line] : splits) {
            where.push_back(line == 0 ? split : fmt::format("{} (line {})", split, line));
        }
        leaks.push_back(fmt::format("{} in {}", patient, join(where, " and ")));
    }
    if (leaks.empty()) return;
    constexpr std::size_t shown = 5;
    const std::size_t count = leaks.size();
    leaks.resize(std::min(count, shown));
    fail_input(
        "{}: column 'split': {} patient{} in more than one split: {}{}; expected all "
        "recordings of a patient in the same split",
        cohort.source, count, count == 1 ? "" : "s", join(leaks, "; "), count > shown ? "; …" : "");
}

}  // namespace clef
