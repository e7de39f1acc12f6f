#include "cohort/columns.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace clef {

namespace {

// A member of the row, or of its risk factors, that holds an optional value.
template <typename Value>
using Access = std::function<std::optional<Value>&(CohortRow&)>;

template <typename Value>
std::optional<Value> value_of(const Access<Value>& access, const CohortRow& row) {
    return access(const_cast<CohortRow&>(row));  // only read here
}

ReservedColumn text_column(std::string name, std::string CohortRow::*member, std::string expected) {
    return {std::move(name),
            [member](CohortRow& row, std::string_view cell) {
                row.*member = std::string(cell);
                return true;
            },
            [member](const CohortRow& row) { return row.*member; }, std::move(expected)};
}

// The limits are what no living person and no recording exceeds: they catch other units (a
// cholesterol in mg/dL) and shifted columns, not unusual patients.
ReservedColumn number_column(std::string name, const Access<double>& access, double low,
                             double high, const std::string& unit) {
    return {std::move(name),
            [=](CohortRow& row, std::string_view cell) {
                const std::optional<double> value = parse_double(cell);
                if (!value || *value < low || *value > high) return false;
                access(row) = value;
                return true;
            },
            [=](const CohortRow& row) {
                const auto value = value_of<double>(access, row);
                return value ? fmt::format("{}", *value) : std::string();
            },
            fmt::format("a number from {} to {}{}", low, high, unit)};
}

ReservedColumn yes_no_column(std::string name, const Access<bool>& access) {
    return {std::move(name),
            [=](CohortRow& row, std::string_view cell) {
                const std::string word = lower(cell);
                const std::optional<double> number = parse_double(cell);
                const bool yes = word == "true" || number == 1.0;
                const bool no = word == "false" || number == 0.0;
                if (yes != no) access(row) = yes;
                return yes != no;
            },
            [=](const CohortRow& row) {
                const auto value = value_of<bool>(access, row);
                return std::string(!value ? "" : *value ? "1" : "0");
            },
            "1 (yes) or 0 (no)"};
}

ReservedColumn sex_column() {
    return {"sex",
            [](CohortRow& row, std::string_view cell) {
                const std::string word = lower(cell);
                if (word != "m" && word != "f") return false;
                row.factors.sex = word == "m" ? Sex::male : Sex::female;
                return true;
            },
            [](const CohortRow& row) {
                if (!row.factors.sex) return std::string();
                return std::string(*row.factors.sex == Sex::male ? "M" : "F");
            },
            "M or F"};
}

ReservedColumn split_column() {
    ReservedColumn column = text_column("split", &CohortRow::split, "train, val or test");
    column.set = [](CohortRow& row, std::string_view cell) {
        row.split = std::string(cell);
        return cell == "train" || cell == "val" || cell == "test";
    };
    return column;
}

ReservedColumn leads_column() {
    return {"leads",
            [](CohortRow& row, std::string_view cell) {
                for (const std::string_view lead : split_blanks(cell)) row.leads.emplace_back(lead);
                return true;
            },
            [](const CohortRow& row) { return join(row.leads, " "); },
            "lead names separated by spaces"};
}

template <typename Value>
Access<Value> in_row(std::optional<Value> CohortRow::*member) {
    return [member](CohortRow& row) -> std::optional<Value>& { return row.*member; };
}

template <typename Value>
Access<Value> in_factors(std::optional<Value> RiskFactors::*member) {
    return [member](CohortRow& row) -> std::optional<Value>& { return row.factors.*member; };
}

std::vector<ReservedColumn> make_columns() {
    constexpr double day = 86400;
    const std::string lipid = " mmol/L (mg/dL divided by 38.67)";
    return {
        text_column("record", &CohortRow::record, "the path of a recording"),
        text_column("patient_id", &CohortRow::patient_id, "a patient's name or number"),
        number_column("age", in_factors(&RiskFactors::age), 0, 130, " years"),
        sex_column(),
        number_column("height_cm", in_row(&CohortRow::height_cm), 1, 280, " cm"),
        number_column("weight_kg", in_row(&CohortRow::weight_kg), 0.2, 700, " kg"),
        number_column("sbp_mmhg", in_factors(&RiskFactors::sbp_mmhg), 20, 350, " mmHg"),
        number_column("dbp_mmhg", in_row(&CohortRow::dbp_mmhg), 5, 300, " mmHg"),
        number_column("total_cholesterol_mmol_l",
                      in_factors(&RiskFactors::total_cholesterol_mmol_l), 0.1, 50, lipid),
        number_column("hdl_mmol_l", in_factors(&RiskFactors::hdl_mmol_l), 0.01, 15, lipid),
        yes_no_column("smoker", in_factors(&RiskFactors::smoker)),
        yes_no_column("diabetes", in_factors(&RiskFactors::diabetes)),
        number_column("risk", in_row(&CohortRow::risk), 0, 1, " (10 % is 0.1)"),
        number_column("missing", in_row(&CohortRow::missing), 0, 1, ""),
        split_column(),
        number_column("start_s", in_row(&CohortRow::start_s), 0, 3660 * day, " seconds"),
        number_column("duration_s", in_row(&CohortRow::duration_s), 0, 3660 * day, " seconds"),
        leads_column(),
    };
}

}  // namespace

const std::vector<ReservedColumn>& reserved_columns() {
    static const std::vector<ReservedColumn> columns = make_columns();
    return columns;
}

const ReservedColumn* find_reserved(std::string_view name) {
    for (const ReservedColumn& column : reserved_columns()) {
        if (column.name == name) return &column;
    }
    return nullptr;
}

std::vector<std::string> reserved_names() {
    std::vector<std::string> names;
    for (const ReservedColumn& column : reserved_columns()) names.push_back(column.name);
    return names;
}

}  // namespace clef
