// clef embed: recordings, folders or a cohort in, one embedding per window out.
#include "runtime/embed.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/inputs.hpp"
#include "commands/output.hpp"
#include "commands/reading_options.hpp"
#include "encoder/model.hpp"
#include "formats/npy.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> inputs;
    std::string model;
    std::string output;
    EmbedOptions options;
    bool json = false;
};

void write_rows(const Cohort& cohort, const Embeddings& embeddings,
                const std::filesystem::path& path) {
    std::string text =
        csv_line({"row", "record", "patient_id", "lead", "start_s", "duration_s", "missing", "flat",
                  "flat_fraction", "saturated_fraction", "noise", "baseline", "quality"});
    const auto number = [](double value) {
        return std::isnan(value) ? std::string() : fmt::format("{:.4g}", value);
    };
    for (std::size_t i = 0; i < embeddings.rows.size(); ++i) {
        const EmbeddingRow& row = embeddings.rows[i];
        const CohortRow& source = cohort.rows[row.cohort_row];
        text += csv_line({fmt::format("{}", i), source.record, source.patient_id, row.lead,
                          fmt::format("{:g}", row.start_seconds), fmt::format("{:g}", row.seconds),
                          number(row.missing), row.flat ? "1" : "0", number(row.flat_fraction),
                          number(row.saturated_fraction), number(row.noise), number(row.baseline),
                          number(row.quality)});
    }
    write_file(path, text);
}

void run_embed(const Arguments& arguments) {
    std::filesystem::path output = arguments.output;
    if (output.extension() != ".npy") {
        fail_input("-o {}: expected a name ending in .npy", arguments.output);
    }
    Model model = read_model(arguments.model);
    const Preprocessor preprocessor(model.recipe);
    const Session session(std::move(model));
    const Cohort cohort = gather_inputs(arguments.inputs, arguments.options.skip_bad);
    const Embeddings embeddings = embed_cohort(cohort, session, preprocessor, arguments.options);

    write_npy(output, embeddings.values, {embeddings.rows.size(), embeddings.dimensions});
    std::filesystem::path table = output;
    table.replace_extension(".csv");
    write_rows(cohort, embeddings, table);
    write_skipped(embeddings.skipped, output.parent_path() / "skipped.csv");
    if (embeddings.windows_below > 0) {
        note(fmt::format("{} windows of a quality below {:g} are left out",
                         embeddings.windows_below, arguments.options.min_quality.value_or(0)));
    }
    if (arguments.json) {
        print_json({{"output", output.string()},
                    {"rows", embeddings.rows.size()},
                    {"dimensions", embeddings.dimensions},
                    {"skipped", embeddings.skipped.size()},
                    {"windows_below_min_quality", embeddings.windows_below},
                    {"recipe", recipe_json(preprocessor.recipe())}});
        return;
    }
    fmt::print("{}: {} × {} float32; {} says what each row is\n", output.string(),
               embeddings.rows.size(), embeddings.dimensions, table.string());
}

}  // namespace

void add_embed_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("embed", "Embeddings of recordings, folders or a cohort");
    command->add_option("input", arguments->inputs, "recordings, folders, or one cohort table")
        ->required();
    command->add_option("--model", arguments->model, "a model file or PyTorch checkpoint")
        ->required();
    command->add_option("--lead", arguments->options.leads,
                        "lead by name (default: the model's own); as many as the encoder takes");
    command->add_option("-o,--output", arguments->output, "out.npy; out.csv is written beside it")
        ->required();
    command->add_flag("--mean", arguments->options.mean,
                      "one row per recording: the mean over its windows");
    command->add_flag("--pad", arguments->options.pad_short,
                      "zeros behind recordings shorter than a window");
    command->add_flag("--skip-bad", arguments->options.skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    command
        ->add_option("--min-quality", arguments->options.min_quality,
                     "leave out windows whose worst lead has a lower signal quality (0 to 1; 0.66 "
                     "is acceptable)")
        ->check(CLI::Range(0.0, 1.0));
    add_reading_options(*command, arguments->options.reading);
    command->add_option("--threads", arguments->options.threads, "0: all processors");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef embed records/ --model run/model.safetensors --lead I -o embeddings.npy");
    command->callback([arguments] { run_embed(*arguments); });
}

}  // namespace clef
