// clef info: describes a recording, a cohort or a model file.
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/cohort.hpp"
#include "commands/commands.hpp"
#include "commands/info_text.hpp"
#include "commands/inputs.hpp"
#include "commands/output.hpp"
#include "commands/reading_options.hpp"
#include "commands/recording_info.hpp"
#include "encoder/model.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

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

void run_info(const std::vector<std::string>& inputs, const RecordingInfoOptions& options,
              bool json) {
    if (options.windows && (!json || !options.quality)) {
        fail_input("--windows: only with --json, and not with --no-quality");
    }
    Json all = Json::array();
    for (const std::string& path : inputs) {
        const std::string ending = lower(std::filesystem::path(path).extension().string());
        // Models by content: a name does not say which program wrote a checkpoint.
        const bool model = ending == ".safetensors" || looks_like_model(path);
        Json info = model                   ? model_description(read_model(path))
                    : is_cohort_table(path) ? cohort_info(path)
                                            : recording_description(path, options);
        if (!json) {
            const bool recording = info.at("kind") == "recording";
            recording ? print_recording(info, path) : print_description(info, path);
        }
        info["path"] = path;
        all.push_back(std::move(info));
    }
    if (json) print_json(all.size() == 1 ? all[0] : all);
}

}  // namespace

void add_info_command(CLI::App& app) {
    auto inputs = std::make_shared<std::vector<std::string>>();
    auto options = std::make_shared<RecordingInfoOptions>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("info", "Describe a recording, a cohort or a model file");
    command
        ->add_option("input", *inputs,
                     "recordings, cohort tables (.csv), model files and PyTorch checkpoints")
        ->required();
    command->add_flag("--no-quality{false}", options->quality,
                      "recordings: the header only, without reading the samples");
    command->add_flag("--windows", options->windows,
                      "recordings: with --json, the quality of every window of 10 s");
    add_reading_options(*command, options->read);
    command->add_flag("--json", *json, "as JSON");
    command->footer("Example: clef info run/model.safetensors cohort.csv records/00001");
    command->callback([inputs, options, json] { run_info(*inputs, *options, *json); });
}

}  // namespace clef
