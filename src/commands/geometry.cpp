// clef geometry: does distance in the embedding follow clinical distance?
#include "evaluation/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/evaluation_options.hpp"
#include "commands/output.hpp"
#include "evaluation/report/geometry_page.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string cohort;
    std::vector<std::string> models;
    int random_seeds = 1;
    std::vector<std::string> splits;
    std::string output;
    EmbedOptions embed;
    GeometryOptions geometry;
    double alpha = 0.2;
    bool json = false;
};

// The rows of the splits asked for; by default those that no model was pretrained on.
Cohort wanted_rows(const Arguments& arguments, std::string& description) {
    Cohort cohort = read_cohort(arguments.cohort, arguments.embed.skip_bad);
    const std::set<std::string> splits(arguments.splits.begin(), arguments.splits.end());
    for (const std::string& split : splits) {
        if (split != "train" && split != "val" && split != "test" && split != "all") {
            fail_input("--split {}: expected train, val, test or all", split);
        }
    }
    const bool has_splits = std::any_of(cohort.rows.begin(), cohort.rows.end(),
                                        [](const CohortRow& row) { return !row.split.empty(); });
    if (splits.contains("all") || (splits.empty() && !has_splits)) {
        description = "all rows";
        return cohort;
    }
    const std::size_t before = cohort.rows.size();
    std::erase_if(cohort.rows, [&](const CohortRow& row) {
        return splits.empty() ? row.split == "train" : !splits.contains(row.split);
    });
    description = splits.empty() ? "all rows outside of the training split"
                                 : "split " + join({splits.begin(), splits.end()}, ", ");
    if (cohort.rows.empty()) {
        fail_input("{}: none of its {} rows is in {}; --split all takes every row",
                   arguments.cohort, before, description);
    }
    return cohort;
}

nlohmann::json number(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

nlohmann::json value_json(const GeometryValue& value) {
    return {{"value", number(value.value)},
            {"low", value.interval.low ? nlohmann::json(*value.interval.low) : nlohmann::json()},
            {"high", value.interval.high ? nlohmann::json(*value.interval.high) : nlohmann::json()},
            {"unscored", value.interval.unscored}};
}

nlohmann::json pairs_json(const PairCounts& counts) {
    return {{"used", counts.used}, {"possible", counts.possible}};
}

nlohmann::json model_json(const std::string& name, const Geometry& geometry) {
    nlohmann::json values, curve = nlohmann::json::array();
    for (const GeometryValue& value : geometry.values) values[value.name] = value_json(value);
    for (const CurvePoint& point : geometry.curve) {
        nlohmann::json one = value_json(point.distance);
        one["risk_difference"] = point.risk_difference;
        curve.push_back(std::move(one));
    }
    return {{"model", name},
            {"dimensions", geometry.dimensions},
            {"effective_rank", geometry.effective_rank},
            {"values", std::move(values)},
            {"curve", std::move(curve)}};
}

nlohmann::json report_json(const GeometryReport& report) {
    const Geometry& first = report.geometries[0];
    nlohmann::json models = nlohmann::json::array(), differences = nlohmann::json::array();
    for (std::size_t m = 0; m < report.models.size(); ++m) {
        models.push_back(model_json(report.models[m], report.geometries[m]));
    }
    for (const GeometryDifference& row : report.differences) {
        const Interval& interval = row.difference.interval;
        differences.push_back(
            {{"value", row.value},
             {"first", row.first},
             {"second", row.second},
             {"difference", number(row.difference.difference)},
             {"low", interval.low ? nlohmann::json(*interval.low) : nlohmann::json()},
             {"high", interval.high ? nlohmann::json(*interval.high) : nlohmann::json()},
             {"p",
              row.difference.p_value ? nlohmann::json(*row.difference.p_value) : nlohmann::json()},
             {"p_holm", row.adjusted_p ? nlohmann::json(*row.adjusted_p) : nlohmann::json()}});
    }
    return {{"schema", "clef.geometry"},
            {"version", 1},
            {"cohort", report.cohort},
            {"rows", report.rows},
            {"patients", first.patients},
            {"patients_without_risk", report.patients.without_risk},
            {"age_band_years", report.options.age_band},
            {"neighbours", report.options.neighbours},
            {"neighbour_queries", first.queries},
            {"risk_thirds", first.risk_thirds},
            {"centred", report.options.centre},
            {"pairs", pairs_json(first.pairs)},
            {"pairs_within_age", pairs_json(first.pairs_within_age)},
            {"pairs_within_age_and_sex", pairs_json(first.pairs_within_age_and_sex)},
            {"bootstrap",
             {{"resamples", report.options.bootstrap.resamples},
              {"seed", report.options.bootstrap.seed},
              {"confidence", report.options.confidence}}},
            {"models", std::move(models)},
            {"differences", std::move(differences)}};
}

void print_text(const GeometryReport& report) {
    for (std::size_t m = 0; m < report.models.size(); ++m) {
        const Geometry& geometry = report.geometries[m];
        fmt::print("{}: {} patients, effective rank {:.1f} of {}\n", report.models[m],
                   geometry.patients, geometry.effective_rank, geometry.dimensions);
        for (const GeometryValue& value : geometry.values) {
            fmt::print("  {:>7.3f}  ({:.3f} to {:.3f})  {}\n", value.value,
                       value.interval.low.value_or(NAN), value.interval.high.value_or(NAN),
                       value.title);
        }
    }
}

GeometryReport measured(const Arguments& arguments) {
    std::vector<Contender> contenders;
    for (const std::string& model : arguments.models) {
        contenders.push_back(read_contender(model));
    }
    for (int seed = 1; seed <= arguments.random_seeds; ++seed) {
        contenders.push_back(
            random_contender(contenders[0].model, static_cast<std::uint64_t>(seed)));
    }
    GeometryReport report;
    const Cohort cohort = wanted_rows(arguments, report.rows);
    std::vector<Recipe> recipes;
    for (const Contender& contender : contenders) recipes.push_back(contender.model.recipe);
    CohortInputs inputs(cohort, recipes, arguments.embed);
    report.cohort = arguments.cohort;
    report.options = arguments.geometry;
    report.options.bootstrap.threads = arguments.embed.threads;
    report.weights.alpha = arguments.alpha;
    Progress progress("measuring", contenders.size(), "models");
    for (std::size_t m = 0; m < contenders.size(); ++m) {
        GeometryPatients patients =
            geometry_patients(inputs.cohort(), inputs.embeddings(contenders[m]));
        report.models.push_back(contenders[m].full_name());
        report.geometries.push_back(measure_geometry(patients, report.options));
        if (m == 0) report.patients = std::move(patients);
        progress.add();
    }
    report.differences = compare_geometries(report.models, report.geometries);
    return report;
}

void run(const Arguments& arguments) {
    const GeometryReport report = measured(arguments);
    const nlohmann::json json = report_json(report);
    if (!arguments.output.empty()) {
        const std::filesystem::path folder = arguments.output;
        make_folder(folder);
        write_file(folder / "geometry.json", json.dump(2) + "\n");
        write_file(folder / "geometry.html", geometry_page(report));
    }
    if (arguments.json) {
        print_json(json);
        return;
    }
    print_text(report);
    if (!arguments.output.empty()) {
        fmt::print("{}\n", (std::filesystem::path(arguments.output) / "geometry.html").string());
    }
}

void add_measure_options(CLI::App& command, Arguments& arguments) {
    GeometryOptions& geometry = arguments.geometry;
    command
        .add_option("--pairs", geometry.pairs, "pairs of patients at most, of each kind; 0: all")
        ->capture_default_str();
    command.add_option("--age-band", geometry.age_band, "width of an age band, years")
        ->check(CLI::Range(0.1, 130.0))
        ->capture_default_str();
    command.add_option("--neighbours", geometry.neighbours, "how many are nearest")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_flag("--centre", geometry.centre,
                     "take angles about the mean embedding instead of about zero");
    command.add_option("--alpha", arguments.alpha, "floor of the pair weights on the page")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command.add_option("--resamples", geometry.bootstrap.resamples, "of the bootstrap")
        ->check(CLI::Range(10, 100000))
        ->capture_default_str();
    command.add_option("--seed", geometry.bootstrap.seed, "of the bootstrap, pairs and folds")
        ->capture_default_str();
}

}  // namespace

void add_geometry_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "geometry", "Whether distance in the embedding follows clinical risk, beyond age");
    command->add_option("--cohort", arguments->cohort, "a cohort table with risk (`clef risk`)")
        ->required();
    command
        ->add_option("--model", arguments->models,
                     "a model file, or NAME=FILE; several allowed: the first is compared with the "
                     "others")
        ->required();
    command
        ->add_option("--random-seeds", arguments->random_seeds,
                     "how many encoders with random weights beside it")
        ->check(CLI::Range(0, 20))
        ->capture_default_str();
    command
        ->add_option("--split", arguments->splits,
                     "train, val, test (several, by commas) or all; default: all but train")
        ->delimiter(',');
    command->add_option("--lead", arguments->embed.leads, "lead by name (default: the model's)");
    command->add_flag("--pad", arguments->embed.pad_short,
                      "fill up recordings shorter than a window as the model's recipe says");
    command->add_flag("--skip-bad", arguments->embed.skip_bad,
                      "leave out recordings that cannot be used");
    add_measure_options(*command, *arguments);
    command->add_option("--threads", arguments->embed.threads, "0: all processors");
    command->add_option("-o,--output", arguments->output,
                        "folder for geometry.json and geometry.html");
    command->add_flag("--json", arguments->json, "geometry.json on standard output");
    command->footer(
        "Example: clef geometry --model run/model.safetensors --cohort risk.csv -o geometry");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace clef
