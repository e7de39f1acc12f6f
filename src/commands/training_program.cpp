#include "commands/training_program.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <unistd.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/fine_tuning.hpp"

namespace clef {

namespace {

bool names_fine_tuning(std::string_view word) {
    if (const std::size_t equals = word.find('='); word.starts_with("--protocol=")) {
        word.remove_prefix(equals + 1);
    }
    for (const std::string_view protocol : split(word, ',')) {
        if (protocol == "finetune" || protocol == "scratch") return true;
    }
    return false;
}

// `words`: the command and what follows it.
bool trains(char** words) {
    const std::string_view command = *words;
    if (command == "pretrain" || command == "demo") return true;
    if (command != "evaluate") return false;
    for (char** word = words; *word != nullptr; ++word) {
        if (names_fine_tuning(*word)) return true;
    }
    return false;
}

// A benchmark may fine-tune, its suite says whether; it runs without where there is no training.
bool may_train(std::string_view command) {
    return command == "benchmark";
}

}  // namespace

void hand_over_training(char** argv) {
    char** word = argv + 1;
    while (*word != nullptr && **word == '-') ++word;  // --quiet and the like
    if (*word == nullptr || !(trains(word) || may_train(*word))) return;
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe");
    const std::filesystem::path program = here.parent_path() / "clef-training";
    if (!std::filesystem::exists(program)) {
        if (!trains(word)) return;
        fail_input(
            "clef {}: this build has no training ({} is absent; it was built with "
            "-DCLEF_TRAINING=OFF)",
            *word, program.string());
    }
    // libtorch's threads wait by spinning, and on processors that others use too they spin in each
    // other's way: a step of fine-tuning then took four times as long. libgomp reads this as it is
    // loaded; whoever has set it is obeyed.
    ::setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    ::execv(program.c_str(), argv);
    fail_run("{}: cannot start: {}", program.string(), std::strerror(errno));
}

bool can_fine_tune() {
    return false;
}

TaskResult fine_tune_encoder(const Model&, const WindowSet&, const EvaluationRows&, const Task&,
                             const Targets&, const FineTuneOptions&) {
    fail_input("this build has no training: it cannot fine-tune");
}

// For the list in `clef --help`; hand_over_training() comes before they could run.
void add_pretrain_command(CLI::App& app) {
    app.add_subcommand("pretrain", "Pretrain an encoder on a cohort");
}

void add_demo_command(CLI::App& app) {
    app.add_subcommand(
        "demo",
        "Risk, pretraining, embeddings, probes and a report, on simulated patients or a cohort");
}

}  // namespace clef
