// clef predict: recordings → what a fitted head says of them, each number under its label's name.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/inputs.hpp"
#include "commands/output.hpp"
#include "commands/reading_options.hpp"
#include "evaluation/headed_model.hpp"
#include "runtime/embed.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> inputs;
    std::string model;
    std::string output;
    EmbedOptions embed;
    bool json = false;
};

// Every recording's predictions, parallel to the embeddings' rows.
std::vector<std::vector<double>> predictions_of(const Embeddings& outputs,
                                                const HeadDescription& head) {
    std::vector<std::vector<double>> result;
    for (std::size_t i = 0; i < outputs.rows.size(); ++i) {
        const auto row = outputs.row(i);
        result.emplace_back(row.begin(), row.end());
        activate(head.activation, result.back());
    }
    return result;
}

std::string as_csv(const Cohort& cohort, const Embeddings& outputs, const HeadDescription& head,
                   const std::vector<std::vector<double>>& predictions) {
    std::string text = csv_line({"record", "label", "score", "unit"});
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        const std::string& record = cohort.rows[outputs.rows[i].cohort_row].record;
        for (std::size_t k = 0; k < head.labels.size(); ++k) {
            // Seven digits: as many as the network's float32 holds.
            text += csv_line(
                {record, head.labels[k], fmt::format("{:.7g}", predictions[i][k]), head.unit});
        }
    }
    return text;
}

nlohmann::json as_json(const Cohort& cohort, const Embeddings& outputs, const nlohmann::json& how,
                       const HeadDescription& head,
                       const std::vector<std::vector<double>>& predictions) {
    nlohmann::json json = {{"schema", "clef.predictions"},
                           {"version", 1},
                           {"head", how},
                           {"labels", head.labels},
                           {"predictions", nlohmann::json::array()}};
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        nlohmann::json scores = nlohmann::json::object();
        for (std::size_t k = 0; k < head.labels.size(); ++k) {
            scores[head.labels[k]] = predictions[i][k];
        }
        json["predictions"].push_back({{"record", cohort.rows[outputs.rows[i].cohort_row].record},
                                       {"lead", outputs.rows[i].lead},
                                       {"scores", scores}});
    }
    return json;
}

void run_predict(Arguments arguments) {
    Model model = read_model(arguments.model);
    const HeadDescription head = describe_head(model, arguments.model);
    const Preprocessor preprocessor(model.recipe);
    const nlohmann::json how = model.head;  // kept: the session takes the model
    const Cohort cohort = gather_inputs(arguments.inputs, arguments.embed.skip_bad);
    arguments.embed.mean = true;
    const Embeddings outputs =
        embed_cohort(cohort, Session(std::move(model)), preprocessor, arguments.embed);
    const auto predictions = predictions_of(outputs, head);
    for (const auto& [record, reason] : outputs.skipped) warn(fmt::format("skipped: {}", reason));
    const std::string text = arguments.json
                                 ? as_json(cohort, outputs, how, head, predictions).dump(2) + "\n"
                                 : as_csv(cohort, outputs, head, predictions);
    if (arguments.output.empty()) {
        fmt::print("{}", text);
    } else {
        write_file(arguments.output, text);
        note(fmt::format("{} recordings × {} labels in {}", predictions.size(), head.labels.size(),
                         arguments.output));
    }
}

}  // namespace

void add_predict_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("predict", "What a probed or fine-tuned model says of recordings");
    command
        ->add_option("input", arguments->inputs,
                     "recordings, folders of them, or one cohort table (.csv)")
        ->required();
    command
        ->add_option("--model", arguments->model,
                     "a model file with labelled outputs, as `clef evaluate --save-heads` writes")
        ->required();
    command->add_option("-o,--output", arguments->output,
                        "CSV record,label,score,unit (default: standard output)");
    command->add_option("--lead", arguments->embed.leads,
                        "lead by name (default: the model's); a lead's name for each input");
    command->add_flag("--pad", arguments->embed.pad_short,
                      "fill up recordings shorter than a window as the model's recipe says");
    command->add_flag("--skip-bad", arguments->embed.skip_bad,
                      "leave out recordings that cannot be used, with a warning for each");
    command->add_option("--threads", arguments->embed.threads, "0: all processors");
    command->add_flag("--json", arguments->json, "JSON instead of CSV");
    add_reading_options(*command, arguments->embed.reading);
    command->footer(
        "Windows of a longer recording: their outputs' mean, then the probability.\n"
        "Example: clef predict --model results/heads/ptbxl-rhythm-clef-probe.safetensors "
        "ecg1.dat ecg2.edf");
    command->callback([arguments] { run_predict(*arguments); });
}

}  // namespace clef
