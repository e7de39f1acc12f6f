// clef embed: recordings, folders or a cohort in, one embedding per window out.
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/embedding_report.hpp"
#include "commands/inputs.hpp"
#include "commands/reading_options.hpp"
#include "encoder/model.hpp"
#include "runtime/embedding_run.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> inputs;
    std::string model;
    std::string output;
    std::string shard;
    std::string precision = "float32";
    EmbedOptions options;
    double checkpoint_seconds = 2;
    bool restart = false;
    bool json = false;
};

std::optional<Shard> chosen_shard(const std::string& text) {
    if (text.empty()) return std::nullopt;
    std::string from;
    const Shard shard = parse_shard(text, process_environment(), &from);
    if (!from.empty()) note(fmt::format("shard {} (from {})", shard.text(), from));
    return shard;
}

void run_embed(const Arguments& arguments) {
    if (std::filesystem::path(arguments.output).extension() != ".npy") {
        fail_input("-o {}: expected a name ending in .npy", arguments.output);
    }
    EmbeddingRun run;
    run.output = arguments.output;
    run.shard = chosen_shard(arguments.shard);
    run.model_digest = [&] { return sha256(MappedFile(arguments.model).bytes()); };
    run.checkpoint_seconds = arguments.checkpoint_seconds;
    run.restart = arguments.restart;
    Model model = read_model(arguments.model);
    const Preprocessor preprocessor(model.recipe);
    const Session session(std::move(model), {parse_precision(arguments.precision)});
    const Cohort cohort = gather_inputs(arguments.inputs, arguments.options.skip_bad);
    const EmbeddingOutput written =
        embed_to_files(cohort, session, preprocessor, arguments.options, run);
    report_embeddings(written, arguments.options.min_quality, recipe_json(preprocessor.recipe()),
                      arguments.json);
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
    command->add_option("--lead-as", arguments->options.leads_as,
                        "what each --lead is to an encoder that knows twelve by name, where it is "
                        "called something else: --lead ECG --lead-as I");
    command->add_option("-o,--output", arguments->output, "out.npy; out.csv is written beside it")
        ->required();
    command->add_flag("--mean", arguments->options.mean,
                      "one row per recording: the mean over its windows");
    command->add_flag("--pad", arguments->options.pad_short,
                      "fill up recordings shorter than a window as the model's recipe says");
    command->add_flag("--skip-bad", arguments->options.skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    command
        ->add_option("--min-quality", arguments->options.min_quality,
                     "leave out windows whose worst lead has a lower signal quality (0 to 1; 0.66 "
                     "is acceptable)")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--precision", arguments->precision,
                        "of the encoder's arithmetic: float32 (the reference), bfloat16, int8 "
                        "(faster, embeddings a little off: docs/performance.md)");
    add_reading_options(*command, arguments->options.reading);
    command->add_option("--threads", arguments->options.threads, "0: all processors");
    command->add_option("--shard", arguments->shard,
                        "INDEX/COUNT: this machine's share, as out.shard-2-of-4.npy, for `clef "
                        "merge`; auto: from Slurm's or MPI's variables; auto/COUNT: Kubernetes");
    command
        ->add_option("--checkpoint", arguments->checkpoint_seconds,
                     "seconds between the points from which an interrupted run goes on (2)")
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--restart", arguments->restart,
                      "throw away what an interrupted run left, instead of going on with it");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef embed records/ --model run/model.safetensors --lead I -o embeddings.npy");
    command->callback([arguments] { run_embed(*arguments); });
}

}  // namespace clef
