// clef model: weights in (import), what they are (info), whether all is right (verify), and out
// (export, commands/model_export.cpp).
#include "encoder/model.hpp"

#include <cmath>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/info_text.hpp"
#include "commands/model_export.hpp"
#include "commands/output.hpp"
#include "encoder/as_released.hpp"
#include "encoder/hugging_face.hpp"
#include "encoder/import.hpp"
#include "encoder/model_head.hpp"
#include "encoder/new_stem.hpp"
#include "runtime/goldens.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

struct ImportArguments {
    std::string input;
    std::string output;
    std::string labels;
    ImportOptions options;
    bool new_stem = false;
    std::string recipe;
    bool json = false;
};

std::vector<std::string> read_labels(const std::string& path, const Model& model) {
    std::vector<std::string> labels;
    const std::string text = read_text_file(path, std::uintmax_t{1} << 24);
    for (const std::string_view line : split(text, '\n')) {
        if (!trim(line).empty()) labels.emplace_back(trim(line));
    }
    const int expected = model_labelled_outputs(model);
    if (expected == 0) {
        fail_input("--labels {}: {} gives an embedding, it has no outputs to name", path,
                   model.architecture);
    }
    if (labels.size() != static_cast<std::size_t>(expected)) {
        fail_input(
            "--labels {}: {} names, one on each line; expected {}, as many as {} has outputs", path,
            labels.size(), expected, model.architecture);
    }
    return labels;
}

// The model file says for good which published file it came from.
void record_origin(Model& model, const std::string& input) {
    const PublishedFile* file =
        find_published_file(std::filesystem::path(input).filename().string());
    if (file == nullptr || file->md5.empty()) return;
    model.provenance["published"] = file->where;
    model.provenance["licence"] = file->licence;
    model.provenance["cohort"] = file->trained_on;
    model.provenance["md5"] = file->md5;
}

void run_import(const ImportArguments& arguments) {
    std::error_code ignored;
    if (std::filesystem::equivalent(arguments.input, arguments.output, ignored)) {
        fail_input("{}: is the checkpoint itself; choose another -o", arguments.output);
    }
    const std::string input = tensors_file(arguments.input).string();
    const MappedFile file(input);
    const std::string checked = check_published(file, input);
    Imported imported = import_model(file, input, arguments.options);
    note(fmt::format("{}: {}", input, imported.recognised));
    if (!checked.empty()) note(checked);
    if (!imported.partial.empty()) warn(fmt::format("{}: {}", input, imported.partial));
    Model& model = imported.model;
    if (const std::string agreed = check_config(input, model); !agreed.empty()) note(agreed);
    const std::string& terms = find_architecture(model.architecture).terms;
    if (!terms.empty()) note(terms);
    if (!terms.empty()) model.provenance["terms"] = terms;
    if (arguments.new_stem) model = with_new_stem(model, 0);
    if (!arguments.recipe.empty()) model = as_released(model, arguments.recipe, 0);
    if (!arguments.labels.empty()) model.labels = read_labels(arguments.labels, model);
    record_origin(model, input);  // check_published() refused what only has its name
    write_model(model, arguments.output, {.digests = true});
    if (arguments.json) {
        print_json({{"output", arguments.output},
                    {"recognised", imported.recognised},
                    {"checksum", checked},
                    {"partial", imported.partial},
                    {"architecture", model.architecture},
                    {"leads", model_input_leads(model)},
                    {"tensors", model.tensors.size()},
                    {"parameters", model_parameters(model)},
                    {"recipe", recipe_json(model.recipe)}});
        return;
    }
    fmt::print("{}: {} with {} lead{}, {} parameters; {}\n", arguments.output, model.architecture,
               model_input_leads(model), model_input_leads(model) == 1 ? "" : "s",
               model_parameters(model), recipe_title(model.recipe));
}

struct InfoArguments {
    std::string input;
    bool digests = false;
    bool json = false;
};

void run_model_info(const InfoArguments& arguments) {
    const Model model = read_model(arguments.input, {.keep_precision = true});
    Json description = model_description(model);
    if (arguments.digests) {
        for (const auto& [name, tensor] : model.tensors) {
            description["sha256"][name] = tensor_digest(tensor);
        }
    }
    description["path"] = arguments.input;
    if (arguments.json) {
        print_json(description);
        return;
    }
    description.erase("path");
    description.erase("sha256");
    print_description(description, arguments.input);
    if (!arguments.digests) return;
    for (const auto& [name, tensor] : model.tensors) {
        fmt::print("  {}  {} {} {}\n", tensor_digest(tensor), name, element_name(tensor.type),
                   shape_text(tensor.shape));
    }
}

// Trouble with a file's tensors, one line each.
std::vector<std::string> file_troubles(const Model& model,
                                       const std::map<std::string, std::string>& recorded) {
    std::vector<std::string> troubles;
    for (const auto& [name, tensor] : model.tensors) {
        const auto digest = recorded.find(name);
        if (digest != recorded.end() && digest->second != tensor_digest(tensor)) {
            troubles.push_back(name + ": its bytes differ from those that were written");
        }
        const Tensor wide = to_float32(tensor, name);
        if (wide.type != ElementType::float32) continue;
        std::size_t bad = 0;
        for (const float value : wide.floats()) bad += std::isfinite(value) ? 0U : 1U;
        if (bad > 0) troubles.push_back(fmt::format("{}: {} values are not finite", name, bad));
    }
    return troubles;
}

struct VerifyArguments {
    std::string input;
    bool json = false;
};

Json verify_program(bool json, bool& good) {
    Json results = Json::array();
    for (const Golden& golden : goldens()) {
        const GoldenCheck check = check_golden(golden);
        good = good && check.good;
        if (!json) {
            fmt::print("{:<18} largest relative difference {:.2e}  {}\n", golden.name,
                       check.relative_difference, check.good ? "ok" : "WRONG");
            std::fflush(stdout);
        }
        results.push_back({{"name", golden.name},
                           {"relative_difference", check.relative_difference},
                           {"tolerance", golden_tolerance},
                           {"good", check.good}});
    }
    return results;
}

Json verify_file(const std::string& path, bool json, bool& good) {
    const Model model = read_model(path, {.keep_precision = true});
    const std::map<std::string, std::string> digests = recorded_digests(path);
    const std::vector<std::string> troubles = file_troubles(model, digests);
    const bool recorded = !digests.empty();
    good = good && troubles.empty();
    if (!json) {
        for (const std::string& trouble : troubles) fmt::print("{}: {}\n", path, trouble);
        if (troubles.empty()) {
            fmt::print("{}: {}, {} tensors of the right shapes, all finite{}  ok\n", path,
                       model.architecture, model.tensors.size(),
                       recorded ? ", their SHA-256 as recorded" : "");
        }
    }
    return {{"path", path},
            {"architecture", model.architecture},
            {"tensors", model.tensors.size()},
            {"digests_recorded", recorded},
            {"troubles", troubles},
            {"good", troubles.empty()}};
}

void run_verify(const VerifyArguments& arguments) {
    bool good = true;
    Json result = Json::object();
    if (!arguments.input.empty()) {
        result["file"] = verify_file(arguments.input, arguments.json, good);
    }
    result["goldens"] = verify_program(arguments.json, good);
    result["good"] = good;
    if (arguments.json) print_json(result);
    if (!good) fail_run("verification failed: see the lines above");
}

void add_import(CLI::App& model) {
    auto arguments = std::make_shared<ImportArguments>();
    CLI::App* command = model.add_subcommand(
        "import", "A PyTorch checkpoint or bare safetensors file becomes a model file");
    command
        ->add_option("input", arguments->input,
                     "the checkpoint (.ckpt, .pth, .pt, .safetensors), or a folder of Hugging "
                     "Face's: config.json and model.safetensors")
        ->required();
    command->add_option("-o,--output", arguments->output, "the model file to write")->required();
    command->add_option("--labels", arguments->labels,
                        "text file with the outputs' names, one on each line");
    command->add_flag("--allow-partial", arguments->options.allow_partial,
                      "take the tensors that fit, draw the others at random, and list them");
    command->add_flag("--keep-precision", arguments->options.keep_precision,
                      "leave float16 and bfloat16 tensors as they are (else float32)");
    command->add_flag("--new-stem", arguments->new_stem,
                      "a 12-lead encoder becomes one of a single lead: its first convolution is "
                      "drawn at random (seed 0), to be trained");
    command->add_option("--recipe", arguments->recipe,
                        "as-released, as-released-ptbxl: the encoder as CLEF's released comparison "
                        "runs it, faults and all (docs/models.md); without: its authors' own");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Examples: clef model import clef_small.ckpt -o clef-small.safetensors\n"
        "          clef model import ked.pt --recipe as-released -o ked-as-released.safetensors");
    command->callback([arguments] { run_import(*arguments); });
}

void add_model_info(CLI::App& model) {
    auto arguments = std::make_shared<InfoArguments>();
    CLI::App* command = model.add_subcommand(
        "info", "Architecture, size, recipe, labels and provenance of a model");
    command->add_option("input", arguments->input, "a model file or checkpoint")->required();
    command->add_flag("--sha256", arguments->digests, "the SHA-256 of every tensor's bytes");
    command->add_flag("--json", arguments->json, "as JSON");
    command->footer("Example: clef model info clef-small.safetensors --sha256");
    command->callback([arguments] { run_model_info(*arguments); });
}

void add_verify(CLI::App& model) {
    auto arguments = std::make_shared<VerifyArguments>();
    CLI::App* command = model.add_subcommand(
        "verify", "Check this program against PyTorch's answers, and a model file for damage");
    command->add_option("input", arguments->input, "a model file or checkpoint to check too");
    command->add_flag("--json", arguments->json, "as JSON");
    command->footer("Example: clef model verify clef-small.safetensors");
    command->callback([arguments] { run_verify(*arguments); });
}

}  // namespace

void add_model_command(CLI::App& app) {
    CLI::App* command =
        app.add_subcommand("model", "Weights in and out: import, info, verify, export");
    command->require_subcommand(1);
    command->footer(
        "Example: clef model import clef_small.ckpt -o clef-small.safetensors\n"
        "`clef model COMMAND --help` explains one command.");
    add_import(*command);
    add_model_info(*command);
    add_verify(*command);
    add_model_export(*command);
}

}  // namespace clef
