// clef model export: a model for other programs.
#include "commands/model_export.hpp"

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/output.hpp"
#include "encoder/export.hpp"
#include "encoder/model.hpp"
#include "encoder/onnx/export.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string model;
    std::string format;
    std::string output;
    OnnxOptions onnx;
    bool json = false;
};

const std::vector<std::string> formats = {"safetensors", "pth", "onnx"};

// As asked for, else as the output's name ends.
std::string chosen_format(const Arguments& arguments) {
    std::string format = arguments.format;
    if (format.empty()) {
        format = lower(std::filesystem::path(arguments.output).extension().string());
        if (!format.empty()) format.erase(0, 1);
        if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
            fail_input("{}: the name does not tell the format; say --format {}", arguments.output,
                       join(formats, "|"));
        }
    }
    if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
        fail_input("--format '{}' is not known.{}", format, suggestion(format, formats));
    }
    const OnnxOptions& onnx = arguments.onnx;
    if (format != "onnx" && (onnx.with_recipe || onnx.dynamic_window || onnx.window_samples)) {
        fail_input(
            "--window-samples, --dynamic-window and --with-recipe shape an ONNX graph; a {} file "
            "holds tensors only",
            format);
    }
    return format;
}

void refuse_own_output(const Arguments& arguments) {
    std::error_code ignored;
    if (std::filesystem::equivalent(arguments.model, arguments.output, ignored)) {
        fail_input("{}: is the model itself; choose another -o", arguments.output);
    }
}

void run_export(const Arguments& arguments) {
    const std::string format = chosen_format(arguments);
    refuse_own_output(arguments);
    const Model model = read_model(arguments.model, {.keep_precision = true});
    nlohmann::json result = {{"output", arguments.output},
                             {"format", format},
                             {"architecture", model.architecture},
                             {"recipe", recipe_json(model.recipe)}};
    std::string before = recipe_text(model.recipe);
    if (format == "onnx") {
        const OnnxSummary summary = write_onnx(model, arguments.onnx, arguments.output);
        before = summary.before_text;
        result["before"] = recipe_json(summary.before);
    } else if (format == "pth") {
        write_torch(model, arguments.output);
    } else {
        write_model(model, arguments.output, {.digests = true});
    }
    const auto bytes = std::filesystem::file_size(arguments.output);
    result["bytes"] = bytes;
    result["before_text"] = before;
    if (arguments.json) {
        print_json(result);
        return;
    }
    fmt::print("{}: {} as {}, {:.1f} MB\n  what it takes: {}\n", arguments.output,
               model.architecture, format, static_cast<double>(bytes) / 1e6, before);
}

}  // namespace

void add_model_export(CLI::App& model_command) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = model_command.add_subcommand("export", "Write a model for other programs");
    command->add_option("model", arguments->model, "a model file")->required();
    command->add_option("--format", arguments->format,
                        "safetensors, pth (PyTorch) or onnx (default: as -o ends)");
    command->add_option("-o,--output", arguments->output, "the file to write")->required();
    command->add_option("--window-samples", arguments->onnx.window_samples,
                        "onnx: samples of a window (default: the recipe's)");
    command->add_flag("--dynamic-window", arguments->onnx.dynamic_window,
                      "onnx: windows of any length");
    command->add_flag("--with-recipe", arguments->onnx.with_recipe,
                      "onnx: filters and z-score in the graph, as far as ONNX allows");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef model export model.safetensors --format onnx --with-recipe -o model.onnx");
    command->callback([arguments] { run_export(*arguments); });
}

}  // namespace clef
