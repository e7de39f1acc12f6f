// clef prepare: a cohort's training recordings, filtered once, as a cache that pretraining reads.
#include <atomic>
#include <csignal>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cohort/read_cohorts.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "encoder/model.hpp"
#include "pretraining/window_cache.hpp"

namespace clef {

namespace {

std::atomic<bool> stop_requested{false};

struct Arguments {
    std::vector<std::string> cohorts;
    std::string architecture = "clef-small";
    std::string output;
    bool skip_bad = false;
    unsigned threads = 0;
    bool json = false;
};

void run_prepare(const Arguments& arguments) {
    const std::vector<std::filesystem::path> paths(arguments.cohorts.begin(),
                                                   arguments.cohorts.end());
    const Cohort cohort = read_cohorts(paths, arguments.skip_bad);
    const auto handler = [](int signal) {
        stop_requested = true;
        std::signal(signal, SIG_DFL);
    };
    std::signal(SIGINT, handler);
    std::signal(SIGTERM, handler);
    CacheRequest request;
    request.folder = arguments.output;
    request.threads = arguments.threads;
    request.skip_bad = arguments.skip_bad;
    request.stop = &stop_requested;
    const CacheOutcome outcome =
        write_window_cache(cohort, random_model(arguments.architecture, 1, 1).recipe, request);
    if (outcome.interrupted) {
        fail_run("interrupted; the same command goes on with the shards that are missing");
    }
    write_skipped(outcome.skipped, request.folder / "skipped.csv");
    if (arguments.json) {
        print_json({{"cache", arguments.output},
                    {"recordings", outcome.rows},
                    {"windows", outcome.windows},
                    {"shards", outcome.shards},
                    {"shards_kept", outcome.kept},
                    {"bytes", outcome.bytes},
                    {"skipped", outcome.skipped.size()}});
        return;
    }
    fmt::print("{}: {} windows of {} recordings in {} shards ({} kept), {:.1f} MB\n",
               arguments.output, outcome.windows, outcome.rows, outcome.shards, outcome.kept,
               static_cast<double>(outcome.bytes) / 1e6);
}

}  // namespace

void add_prepare_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("prepare", "Filter a cohort's training recordings once, into a cache");
    command->add_option("cohort", arguments->cohorts, "cohort tables (CSV)")->required();
    command->add_option("--architecture", arguments->architecture,
                        "the encoder to prepare for (default clef-small; all CLEF sizes share a "
                        "recipe)");
    command->add_option("-o,--output", arguments->output, "folder of the cache")->required();
    command->add_flag("--skip-bad", arguments->skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    command->add_option("--threads", arguments->threads, "0: all processors");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef prepare cohort.csv -o cache && clef pretrain --cohort cohort.csv --cache "
        "cache -o run\nInterrupted, the same command goes on where it was.");
    command->callback([arguments] { run_prepare(*arguments); });
}

}  // namespace clef
