#include "cohort/cholesterol.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "base/text.hpp"
#include "clinical/score2.hpp"

namespace clef {

namespace {

constexpr double milligrams_per_millimole = 38.67;  // mg/dL per mmol/L

using Factor = std::optional<double> RiskFactors::*;

struct Column {
    std::string name;
    Attribute attribute;
    Factor factor;
    CholesterolUnit unit;
};

std::vector<Column> columns_of(const Cohort& cohort, std::optional<CholesterolUnit> plain) {
    const std::tuple<std::string, Attribute, Factor> quantities[] = {
        {"total_cholesterol", Attribute::total_cholesterol, &RiskFactors::total_cholesterol_mmol_l},
        {"hdl", Attribute::hdl_cholesterol, &RiskFactors::hdl_mmol_l}};
    const auto& names = cohort.extra_columns;
    const auto has = [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<Column> columns;
    bool any_plain = false;
    for (const auto& [name, attribute, factor] : quantities) {
        if (has(name + "_mg_dl")) {
            columns.push_back(
                {name + "_mg_dl", attribute, factor, CholesterolUnit::milligrams_per_decilitre});
        }
        if (!plain || !has(name)) continue;
        columns.push_back({name, attribute, factor, *plain});
        any_plain = true;
    }
    if (plain && !any_plain) {
        fail_input(
            "{}: a unit of cholesterol was given, but there is no column 'total_cholesterol' or "
            "'hdl' that lacks one; leave the option out",
            cohort.source);
    }
    return columns;
}

bool take_over(const Cohort& cohort, CohortRow& row, const Column& column, std::string_view cell) {
    const std::optional<double> found = parse_double(cell);
    if (!found) {
        fail_input(
            "{}: line {}: column '{}': found '{}', expected a number; leave the cell empty "
            "if it is not known",
            cohort.source, row.line, column.name, cell);
    }
    const double value = cholesterol_in_mmol_l(*found, column.unit);
    RiskFactors one;
    one.*column.factor = value;
    if (const std::string reason = impossible_value(one); !reason.empty()) {
        const bool converted = column.unit == CholesterolUnit::milligrams_per_decilitre;
        row.impossible.emplace_back(
            column.attribute,
            converted ? fmt::format("column '{}': {} mg/dL: {}", column.name, cell, reason)
                      : reason);
        return false;
    }
    std::optional<double>& known = row.factors.*column.factor;
    if (known && std::abs(*known - value) > 0.01 * value) {
        fail_input("{}: line {}: column '{}' says {:.2f} mmol/L, another column {:.2f}",
                   cohort.source, row.line, column.name, value, *known);
    }
    if (known) return false;
    known = value;
    return true;
}

}  // namespace

std::vector<std::string> cholesterol_unit_names() {
    return {"mmol/L", "mg/dL"};
}

std::optional<CholesterolUnit> parse_cholesterol_unit(std::string_view name) {
    const std::string word = lower(trim(name));
    if (word == "mmol/l") return CholesterolUnit::millimoles_per_litre;
    if (word == "mg/dl") return CholesterolUnit::milligrams_per_decilitre;
    return std::nullopt;
}

double cholesterol_in_mmol_l(double value, CholesterolUnit unit) {
    return unit == CholesterolUnit::millimoles_per_litre ? value : value / milligrams_per_millimole;
}

std::size_t read_cholesterol(Cohort& cohort, std::optional<CholesterolUnit> plain) {
    std::size_t taken = 0;
    for (const Column& column : columns_of(cohort, plain)) {
        const std::size_t index = cohort.label_column(column.name);
        for (CohortRow& row : cohort.rows) {
            const std::string_view cell = trim(row.extras[index]);
            if (!cell.empty()) taken += take_over(cohort, row, column, cell);
        }
    }
    return taken;
}

}  // namespace clef
