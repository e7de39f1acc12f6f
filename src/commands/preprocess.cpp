// clef preprocess: what an encoder would see of a recording.
#include "encoder/preprocess.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "commands/preprocess_views.hpp"
#include "commands/reading_options.hpp"
#include "encoder/model.hpp"
#include "formats/ecg_file.hpp"
#include "formats/npy.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string record;
    std::string model;
    std::string recipe;
    std::string output;
    std::size_t window = 0;
    ViewsRequest views;
    WindowOptions options;
    ReadOptions reading;
    bool json = false;
};

Recipe chosen_recipe(const Arguments& arguments) {
    if (arguments.model.empty() == arguments.recipe.empty()) {
        fail_input("give either --model FILE (its own recipe) or --recipe {}",
                   join(recipe_names(), "|"));
    }
    if (!arguments.model.empty()) return read_model(arguments.model).recipe;
    // As many leads as are asked for: one, unless there are twelve.
    return named_recipe(arguments.recipe, arguments.options.leads.size() == 12 ? 12 : 1);
}

void run_preprocess(const Arguments& arguments) {
    if (arguments.views.config.empty() && !arguments.views.settings.empty()) {
        fail_input("--set changes what --augment CONFIG says; give both");
    }
    const Preprocessor preprocessor(chosen_recipe(arguments));
    if (!arguments.views.config.empty()) {
        if (!arguments.options.leads.empty() || arguments.options.pad_short) {
            fail_input(
                "--lead and --pad do not go with --augment: views.first_lead and "
                "views.second_lead choose leads, and nothing is padded");
        }
        write_views(preprocessor, {arguments.record, arguments.reading, arguments.window},
                    arguments.views, arguments.output, arguments.json);
        return;
    }
    const Recipe& recipe = preprocessor.recipe();
    ReadOptions read = arguments.reading;
    read.leads = arguments.options.leads.empty() ? recipe.leads : arguments.options.leads;
    const Recording recording = read_ecg(arguments.record, read);
    const auto windows = preprocessor.windows(recording, arguments.options);
    if (arguments.window >= windows.size()) {
        fail_input("{}: window {} of {}; windows count from 0", arguments.record, arguments.window,
                   windows.size());
    }
    const Window& window = windows[arguments.window];
    const std::size_t leads = read.leads.size();
    write_npy(arguments.output, window.samples, {leads, window.samples.size() / leads});
    if (arguments.json) {
        print_json({{"output", arguments.output},
                    {"leads", read.leads},
                    {"samples", window.samples.size() / leads},
                    {"start_s", window.start_seconds},
                    {"missing", window.missing},
                    {"flat", window.flat},
                    {"windows", windows.size()},
                    {"recipe", recipe_json(recipe)}});
        return;
    }
    fmt::print("{}: {} × {} float32, window {} of {} ({})\n", arguments.output, leads,
               window.samples.size() / leads, arguments.window, windows.size(),
               recipe_text(recipe));
}

}  // namespace

void add_preprocess_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("preprocess", "Write what an encoder would see");
    command->add_option("record", arguments->record, "a recording")->required();
    command->add_option("--model", arguments->model,
                        "a model file or PyTorch checkpoint, for its recipe");
    command->add_option("--recipe", arguments->recipe,
                        "a recipe by name: " + join(recipe_names(), ", "));
    command->add_option("--lead", arguments->options.leads, "lead by name (default: the recipe's)");
    add_reading_options(*command, arguments->reading);
    command->add_option("--window", arguments->window,
                        "which window of a longer recording, from 0");
    command->add_flag("--pad", arguments->options.pad_short,
                      "zeros behind a recording shorter than a window");
    command->add_option("--augment", arguments->views.config,
                        "write a pair of views as pretraining would draw them instead: a preset of "
                        "`clef pretrain` or a TOML file");
    command->add_option("--set", arguments->views.settings,
                        "with --augment, change one setting: views.noise_probability=1");
    command->add_option("--draw", arguments->views.draw,
                        "with --augment, which of the endless pairs, from 0");
    command->add_option("-o,--output", arguments->output, "x.npy, float32 leads × samples")
        ->required();
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef preprocess records500/00000/00001_hr --recipe clef --lead I -o x.npy\n"
        "         clef preprocess records500/00000/00001_hr --recipe clef --augment paper -o "
        "pair.npy");
    command->callback([arguments] { run_preprocess(*arguments); });
}

}  // namespace clef
