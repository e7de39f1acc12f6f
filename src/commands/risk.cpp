// clef risk: a clinical risk score for every row of a cohort, or for one patient.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "clinical/missingness.hpp"
#include "clinical/score.hpp"
#include "cohort/cholesterol.hpp"
#include "cohort/cohort.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string cohort;
    std::string output;
    std::string region;
    std::string score = "score2";
    std::string missing = "exclude";
    std::string ages = "exclude";
    std::string units;
    std::string sex, smoker, diabetes;
    RiskFactors patient;       // its numbers
    bool one_patient = false;  // any of the patient's options was given
    bool json = false;
};

struct Rules {
    Region region = Region::low;
    MissingStrategy missing = MissingStrategy::exclude;
    AgePolicy ages = AgePolicy::exclude;
    const RiskScore* score = nullptr;
};

template <typename Value>
Value named(const std::optional<Value>& value, const char* option, const std::string& found,
            const std::vector<std::string>& names) {
    if (value) return *value;
    fail_input("{} {}: expected {}", option, found, join(names, ", "));
}

Rules rules_of(const Arguments& arguments) {
    if (arguments.region.empty()) {
        fail_input("no --region; expected the patients' risk region in Europe: {}",
                   join(region_names(), ", "));
    }
    return {named(parse_region(arguments.region), "--region", arguments.region, region_names()),
            named(parse_missing_strategy(arguments.missing), "--missing", arguments.missing,
                  missing_strategy_names()),
            named(parse_age_policy(arguments.ages), "--ages", arguments.ages, age_policy_names()),
            &find_risk_score(arguments.score)};
}

std::optional<CholesterolUnit> unit_of(const Arguments& arguments) {
    if (arguments.units.empty()) return std::nullopt;
    return named(parse_cholesterol_unit(arguments.units), "--cholesterol-unit", arguments.units,
                 cholesterol_unit_names());
}

std::optional<bool> yes_or_no(const char* option, const std::string& found) {
    if (found.empty()) return std::nullopt;
    if (found != "0" && found != "1")
        fail_input("{} {}: expected 1 (yes) or 0 (no)", option, found);
    return found == "1";
}

RiskFactors patient_of(const Arguments& arguments) {
    RiskFactors patient = arguments.patient;
    if (!arguments.sex.empty()) {
        const std::string sex = lower(arguments.sex);
        if (sex != "m" && sex != "f") fail_input("--sex {}: expected M or F", arguments.sex);
        patient.sex = sex == "m" ? Sex::male : Sex::female;
    }
    patient.smoker = yes_or_no("--smoker", arguments.smoker);
    patient.diabetes = yes_or_no("--diabetes", arguments.diabetes);
    if (const auto unit = unit_of(arguments)) {
        for (auto* value : {&patient.total_cholesterol_mmol_l, &patient.hdl_mmol_l}) {
            if (*value) *value = cholesterol_in_mmol_l(**value, *unit);
        }
    }
    return patient;
}

void run_patient(const Arguments& arguments) {
    if (!arguments.output.empty()) {
        fail_input("-o {}: one patient's risk is printed; -o is for a cohort", arguments.output);
    }
    const Rules rules = rules_of(arguments);
    const std::array patients = {patient_of(arguments)};
    const CohortRisk found =
        cohort_risk(patients, rules.region, rules.missing, rules.ages, *rules.score);
    const RiskResult& result = found.results[0];
    if (!result.reason.empty()) fail_input("no risk: {}", result.reason);
    if (arguments.json) {
        print_json({{"risk", *result.risk},
                    {"risk_model", result.model},
                    {"score", rules.score->name},
                    {"missing", found.missing[0]},
                    {"region", region_names()[static_cast<std::size_t>(rules.region)]}});
        return;
    }
    fmt::print("{:.2f} % in ten years ({}, {}-risk region)\n", 100 * *result.risk, result.model,
               region_names()[static_cast<std::size_t>(rules.region)]);
}

// Reasons without the patient's own numbers, so that a summary can count them.
std::string kind_of_reason(const RiskFactors& factors, const std::string& reason,
                           const RiskScore& score) {
    if (!impossible_value(only(factors, score.attributes)).empty()) return "an impossible value";
    if (factors.age && *factors.age < score.first_age) {
        return fmt::format("age below {}", score.first_age);
    }
    if (factors.age && *factors.age >= score.end_age) {
        return fmt::format("age above {}", score.end_age - 1);
    }
    return reason;
}

struct Summary {
    std::map<std::string, std::size_t> models;   // rows with a risk
    std::map<std::string, std::size_t> reasons;  // rows without one, or counted as 0
    std::vector<double> risks;

    std::optional<double> median() {
        if (risks.empty()) return std::nullopt;
        std::sort(risks.begin(), risks.end());
        const std::size_t middle = risks.size() / 2;
        return risks.size() % 2 == 1 ? risks[middle] : (risks[middle - 1] + risks[middle]) / 2;
    }
};

// A label column of the cohort, added where it is not there yet.
std::size_t label_column(Cohort& cohort, const std::string& name) {
    auto& names = cohort.extra_columns;
    const auto it = std::find(names.begin(), names.end(), name);
    if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
    names.push_back(name);
    for (CohortRow& row : cohort.rows) row.extras.resize(names.size());
    return names.size() - 1;
}

// Why a factor that the score needs was not taken over from the table, or "".
std::string impossible_factor(const CohortRow& row, const RiskScore& score) {
    for (const auto& [attribute, reason] : row.impossible) {
        const auto& needed = score.attributes;
        if (std::find(needed.begin(), needed.end(), attribute) != needed.end()) return reason;
    }
    return "";
}

RiskResult unscored(const std::string& reason, MissingStrategy strategy) {
    if (strategy != MissingStrategy::zero) return {std::nullopt, "", reason};
    return {0.0, "none (counted as 0)", reason};
}

Summary add_risks(Cohort& cohort, const Rules& rules) {
    std::vector<RiskFactors> patients;
    for (const CohortRow& row : cohort.rows) patients.push_back(row.factors);
    const CohortRisk found =
        cohort_risk(patients, rules.region, rules.missing, rules.ages, *rules.score);
    const std::size_t model = label_column(cohort, "risk_model");
    const std::size_t reason = label_column(cohort, "risk_reason");
    Summary summary;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        CohortRow& row = cohort.rows[i];
        RiskResult result = found.results[i];
        // What was read but not taken over is no missing value that may be filled in.
        const std::string impossible = impossible_factor(row, *rules.score);
        if (!impossible.empty()) result = unscored(impossible, rules.missing);
        row.risk = result.risk;
        row.missing = found.missing[i];
        row.extras[model] = result.model;
        row.extras[reason] = result.reason;
        if (!impossible.empty()) {
            ++summary.reasons["an impossible value"];
        } else if (!result.reason.empty()) {
            ++summary.reasons[kind_of_reason(row.factors, result.reason, *rules.score)];
        }
        if (!result.risk) continue;
        ++summary.models[result.model];
        summary.risks.push_back(*result.risk);
    }
    return summary;
}

void print_counts(const std::map<std::string, std::size_t>& counts) {
    constexpr std::size_t shown = 12;
    std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (std::size_t i = 0; i < std::min(shown, sorted.size()); ++i) {
        fmt::print("  {:>7}  {}\n", sorted[i].second, sorted[i].first);
    }
    if (sorted.size() > shown) fmt::print("           … and {} more\n", sorted.size() - shown);
}

void run_cohort(const Arguments& arguments) {
    if (arguments.output.empty()) fail_input("no -o: expected the name of the table to write");
    const Rules rules = rules_of(arguments);
    Cohort cohort = read_factors(arguments.cohort);
    if (const std::size_t taken = read_cholesterol(cohort, unit_of(arguments)); taken > 0) {
        note(fmt::format("{}: {} cholesterol values converted or read with the unit given",
                         arguments.cohort, taken));
    }
    if (std::any_of(cohort.rows.begin(), cohort.rows.end(),
                    [](const CohortRow& row) { return row.risk.has_value(); })) {
        note(fmt::format("{}: its column 'risk' is computed anew", arguments.cohort));
    }
    Summary summary = add_risks(cohort, rules);
    write_cohort(cohort, arguments.output);
    const std::optional<double> median = summary.median();
    if (arguments.json) {
        print_json({{"output", arguments.output},
                    {"score", rules.score->name},
                    {"rows", cohort.rows.size()},
                    {"with_risk", summary.risks.size()},
                    {"models", summary.models},
                    {"reasons", summary.reasons},
                    {"median_risk", median ? nlohmann::json(*median) : nlohmann::json()}});
        return;
    }
    fmt::print("{}: {} of {} rows have a risk\n", arguments.output, summary.risks.size(),
               cohort.rows.size());
    print_counts(summary.models);
    if (!summary.reasons.empty()) {
        fmt::print("without a score:\n");
        print_counts(summary.reasons);
    }
    if (median) fmt::print("median risk {:.2f} %\n", 100 * *median);
}

void run(const Arguments& arguments) {
    if (arguments.cohort.empty() == !arguments.one_patient) {
        fail_input(
            "give either a cohort table and -o, or one patient with --age --sex --sbp "
            "--total-cholesterol --hdl --smoker");
    }
    arguments.one_patient ? run_patient(arguments) : run_cohort(arguments);
}

void add_patient_options(CLI::App& command, Arguments& arguments) {
    const std::string group = "One patient";
    RiskFactors& patient = arguments.patient;
    command.add_option("--age", patient.age, "completed years")->group(group);
    command.add_option("--sex", arguments.sex, "M or F")->group(group);
    command.add_option("--sbp", patient.sbp_mmhg, "systolic blood pressure, mmHg")->group(group);
    command
        .add_option("--total-cholesterol", patient.total_cholesterol_mmol_l,
                    "mmol/L; see --cholesterol-unit")
        ->group(group);
    command.add_option("--hdl", patient.hdl_mmol_l, "HDL cholesterol, likewise")->group(group);
    command.add_option("--smoker", arguments.smoker, "currently: 1 or 0")->group(group);
    command.add_option("--diabetes", arguments.diabetes, "1 or 0; not known counts as 0")
        ->group(group);
}

}  // namespace

void add_risk_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "risk", "Ten-year cardiovascular risk (SCORE2, SCORE2-OP) of a cohort or of one patient");
    std::string scores;
    for (const RiskScore& score : risk_scores()) {
        scores +=
            fmt::format("{}{} ({})", scores.empty() ? "" : "; ", score.name, score.description);
    }
    command->add_option("cohort", arguments->cohort, "a cohort table");
    command->add_option("-o,--output", arguments->output,
                        "the table to write: the cohort with risk, risk_model, missing and "
                        "risk_reason");
    command->add_option("--region", arguments->region,
                        "risk region: " + join(region_names(), ", ") + " (must be given)");
    command->add_option("--score", arguments->score, scores)->capture_default_str();
    command->add_option("--cholesterol-unit,--units", arguments->units,
                        "mmol/L or mg/dL: of one patient's cholesterol (default mmol/L), and of a "
                        "cohort's columns total_cholesterol and hdl. Columns whose name has the "
                        "unit (…_mmol_l, …_mg_dl) need no option");
    command
        ->add_option("--missing", arguments->missing,
                     "rows that lack an attribute: " + join(missing_strategy_names(), ", "))
        ->capture_default_str();
    command
        ->add_option("--ages", arguments->ages,
                     "ages outside 40–89: " + join(age_policy_names(), ", "))
        ->capture_default_str();
    add_patient_options(*command, *arguments);
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Examples:\n  clef risk cohort.csv --region low -o with-risk.csv\n"
        "  clef risk --age 60 --sex F --sbp 140 --total-cholesterol 6.3 --hdl 1.4 --smoker 1 "
        "--region low");
    command->callback([arguments, command] {
        for (const char* option : {"--age", "--sex", "--sbp", "--total-cholesterol", "--hdl",
                                   "--smoker", "--diabetes"}) {
            arguments->one_patient = arguments->one_patient || command->count(option) > 0;
        }
        run(*arguments);
    });
}

}  // namespace clef
