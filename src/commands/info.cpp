// clef info: describes a recording, a cohort or a model file.
#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/cohort.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "encoder/model.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

Json model_info(const std::string& path) {
    const Model model = read_model(path);
    return {{"kind", "model"},
            {"architecture", model.architecture},
            {"parameters", net1d_parameters(model.shape)},
            {"multiply_adds_per_window",
             net1d_multiply_adds(model.shape, model.recipe.window_samples())},
            {"tensors", model.tensors.size()},
            {"outputs", model.shape.output_size()},
            {"recipe", recipe_json(model.recipe)},
            {"recipe_text", recipe_text(model.recipe)},
            {"labels", model.labels},
            {"provenance", model.provenance}};
}

Json recording_info(const std::string& path) {
    const RecordingInfo info = read_ecg_info(path);
    return {{"kind", "recording"},
            {"format", info.format},
            {"sampling_rate_hz", info.sampling_rate},
            {"samples", info.samples},
            {"seconds", static_cast<double>(info.samples) / info.sampling_rate},
            {"leads", info.leads},
            {"units", info.units},
            {"comments", info.comments}};
}

Json cohort_info(const std::string& path) {
    const Cohort cohort = read_cohort(path);
    std::set<std::string> patients;
    std::map<std::string, std::size_t> splits;
    std::map<std::string, std::size_t> known;
    for (const CohortRow& row : cohort.rows) {
        patients.insert(row.patient_id);
        ++splits[row.split.empty() ? "none" : row.split];
        for (const char* column : {"age", "sex", "sbp_mmhg", "total_cholesterol_mmol_l",
                                   "hdl_mmol_l", "smoker", "risk"}) {
            known[column] += cohort.cell(row, column).empty() ? 0 : 1;
        }
    }
    return {{"kind", "cohort"},
            {"recordings", cohort.rows.size()},
            {"patients", patients.size()},
            {"splits", splits},
            {"known", known},
            {"labels", cohort.extra_columns}};
}

std::string value_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    std::vector<std::string> parts;
    for (const Json& part : value) parts.push_back(value_text(part));
    return join(parts, ", ");
}

void print_text(const Json& info, const std::string& path) {
    fmt::print("{}\n", path);
    for (const auto& [key, value] : info.items()) {
        if (key == "recipe" || (value.is_array() && value.empty())) continue;
        std::string name = key;
        std::replace(name.begin(), name.end(), '_', ' ');
        if (!value.is_object()) {
            fmt::print("  {:<24} {}\n", name, value_text(value));
            continue;
        }
        fmt::print("  {}\n", name);
        for (const auto& [inner, detail] : value.items()) {
            if (inner != "config") fmt::print("    {:<22} {}\n", inner, value_text(detail));
        }
    }
}

void run_info(const std::vector<std::string>& inputs, bool json) {
    Json all = Json::array();
    for (const std::string& path : inputs) {
        const std::string ending = lower(std::filesystem::path(path).extension().string());
        Json info = ending == ".safetensors" ? model_info(path)
                    : ending == ".csv"       ? cohort_info(path)
                                             : recording_info(path);
        if (!json) print_text(info, path);
        info["path"] = path;
        all.push_back(std::move(info));
    }
    if (json) print_json(all.size() == 1 ? all[0] : all);
}

}  // namespace

void add_info_command(CLI::App& app) {
    auto inputs = std::make_shared<std::vector<std::string>>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("info", "Describe a recording, a cohort or a model file");
    command
        ->add_option("input", *inputs,
                     "recordings, cohort tables (.csv), model files (.safetensors)")
        ->required();
    command->add_flag("--json", *json, "as JSON");
    command->footer("Example: clef info run/model.safetensors cohort.csv records/00001");
    command->callback([inputs, json] { run_info(*inputs, *json); });
}

}  // namespace clef
