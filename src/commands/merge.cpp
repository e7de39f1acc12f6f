// clef merge: the shards of `clef embed --shard` put together to what one machine writes.
#include "commands/merge.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "commands/embedding_report.hpp"
#include "runtime/shard_note.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> shards;
    std::string output;
    bool json = false;
};

void run_merge(const Arguments& arguments) {
    if (std::filesystem::path(arguments.output).extension() != ".npy") {
        fail_input("-o {}: expected a name ending in .npy", arguments.output);
    }
    const std::vector<std::filesystem::path> shards(arguments.shards.begin(),
                                                    arguments.shards.end());
    const EmbeddingOutput written = merge_shards(shards, arguments.output);
    const nlohmann::json run = read_shard_note(shards.front()).run;
    const nlohmann::json quality = run.value("min quality", nlohmann::json());
    report_embeddings(written,
                      quality.is_number() ? std::optional(quality.get<double>()) : std::nullopt,
                      run.value("recipe", nlohmann::json()), arguments.json);
}

}  // namespace

void add_merge_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "merge", "Put the shards of `clef embed --shard` together: the bytes that one run writes");
    command->add_option("shards", arguments->shards, "out.shard-1-of-4.npy and all the others")
        ->required();
    command->add_option("-o,--output", arguments->output, "out.npy; out.csv is written beside it")
        ->required();
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer("Example: clef merge out.shard-*-of-4.npy -o out.npy");
    command->callback([arguments] { run_merge(*arguments); });
}

}  // namespace clef
