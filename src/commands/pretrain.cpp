// clef pretrain: a cohort and a configuration in, an encoder out.
#include <atomic>
#include <csignal>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/evaluation_run.hpp"
#include "commands/output.hpp"
#include "commands/processes.hpp"
#include "pretraining/checkpoints.hpp"
#include "training/trainer.hpp"

namespace clef {

namespace {

std::atomic<bool> stop_requested{false};

// Asks the trainer to finish its step and save; a second signal ends the program at once.
void install_stop_handler() {
    const auto handler = [](int signal) {
        stop_requested = true;
        std::signal(signal, SIG_DFL);
    };
    std::signal(SIGINT, handler);
    std::signal(SIGTERM, handler);
}

struct Arguments {
    std::string cohort;
    std::string config = "paper";
    std::vector<std::string> settings;
    std::string output;
    std::string resume;
    std::string initial_model;
    std::string cache;
    int processes = 1;
    bool skip_bad = false;
    unsigned threads = 0;
    bool json = false;
    bool show_config = false;
};

PretrainRequest request_of(const Arguments& arguments) {
    PretrainRequest request;
    request.resume = !arguments.resume.empty();
    request.folder = request.resume ? arguments.resume : arguments.output;
    const std::filesystem::path saved = request.folder / "config.toml";
    if (request.resume && !std::filesystem::exists(saved)) {
        fail_input("{}: no config.toml; expected the folder of an interrupted `clef pretrain`",
                   request.folder.string());
    }
    request.options =
        read_options(request.resume ? saved.string() : arguments.config, arguments.settings);
    if (!arguments.initial_model.empty()) {
        if (request.resume) fail_input("--init begins a new run; --resume goes on with its own");
        request.options.initial_model = arguments.initial_model;
    }
    if (!request.options.probe_task.empty()) {
        request.probe_task = find_task(request.options.probe_task);
    }
    if (!arguments.cache.empty()) request.options.cache = arguments.cache;
    request.ranks = rank_environment();
    request.skip_bad = arguments.skip_bad;
    request.threads = arguments.threads;
    request.stop = &stop_requested;
    return request;
}

void run_pretrain(const Arguments& arguments) {
    if (arguments.show_config) {
        fmt::print("{}", options_toml(request_of(arguments).options));
        return;
    }
    if (arguments.cohort.empty())
        fail_input("give --cohort COHORT.csv, the recordings to learn from");
    if (arguments.output.empty() == arguments.resume.empty()) {
        fail_input("give either -o RUN/ (a new run) or --resume RUN/ (to go on with one)");
    }
    if (arguments.processes > 1 && rank_environment().size == 1) {
        start_processes(arguments.processes);
        return;
    }
    const PretrainRequest request = request_of(arguments);
    if (!request.resume && has_checkpoint(request.folder)) {
        fail_input("{}: holds a run already; go on with --resume {} or choose another folder",
                   request.folder.string(), request.folder.string());
    }
    const Cohort cohort = read_cohort(arguments.cohort, arguments.skip_bad);
    install_stop_handler();
    const PretrainOutcome outcome = pretrain(cohort, request);
    if (request.ranks.rank > 0) return;  // rank 0 speaks for all
    write_skipped(outcome.skipped, request.folder / "skipped.csv");
    const std::filesystem::path model = request.folder / "model.safetensors";
    if (outcome.interrupted()) {
        fail_run(
            "interrupted at step {} of {}. {} is usable as it is; go on with:\n"
            "  clef pretrain --cohort {} --resume {}",
            outcome.steps, outcome.total_steps, model.string(), arguments.cohort,
            request.folder.string());
    }
    if (arguments.json) {
        print_json({{"model", model.string()},
                    {"steps", outcome.steps},
                    {"patients", outcome.patients},
                    {"loss", outcome.last_loss},
                    {"seconds", outcome.seconds},
                    {"stopped_early", outcome.stopped_early},
                    {"best_step",
                     outcome.best_step < 0 ? nlohmann::json() : nlohmann::json(outcome.best_step)},
                    {"seconds_waited_for_batches", outcome.waited},
                    {"skipped", outcome.skipped.size()}});
        return;
    }
    if (outcome.best_step >= 0) {
        fmt::print("{}: the best validation, after {} steps{}\n",
                   (request.folder / "best.safetensors").string(), outcome.best_step,
                   outcome.stopped_early ? "; stopped early, it did not get better" : "");
    }
    fmt::print("{}: {} steps over {} patients in {}, last loss {:.4f}\n", model.string(),
               outcome.steps, outcome.patients, duration_text(outcome.seconds), outcome.last_loss);
}

}  // namespace

void add_pretrain_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("pretrain", "Pretrain an encoder on a cohort");
    command->add_option("--cohort", arguments->cohort, "the cohort table (CSV)");
    command->add_option(
        "--config", arguments->config,
        "a preset (" + fmt::format("{}", fmt::join(preset_names(), ", ")) + ") or a TOML file");
    command->add_option("--set", arguments->settings, "change one setting: section.key=value");
    command->add_option("-o,--output", arguments->output, "folder of the new run");
    command->add_option("--resume", arguments->resume,
                        "folder of an interrupted run to go on with");
    command->add_option("--init", arguments->initial_model,
                        "weights to start from: a model file or PyTorch checkpoint of "
                        "model.architecture (else random)");
    command->add_option("--cache", arguments->cache,
                        "a folder that `clef prepare` has made of this cohort");
    command
        ->add_option("--processes", arguments->processes,
                     "processes of this machine that share every batch (several machines: "
                     "docs/distributed.md)")
        ->check(CLI::Range(1, 1024));
    command->add_flag("--skip-bad", arguments->skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    command->add_option("--threads", arguments->threads, "0: all processors");
    command->add_flag("--show-config", arguments->show_config,
                      "print the resolved configuration and stop (needs no --cohort and no -o)");
    command->add_flag("--json", arguments->json, "result as JSON");
    command->footer(
        "Example: clef pretrain --cohort cohort.csv --config paper --set run.epochs=20 -o run\n"
        "Ctrl-C finishes the step, saves, and says how to go on.");
    command->callback([arguments] { run_pretrain(*arguments); });
}

}  // namespace clef
