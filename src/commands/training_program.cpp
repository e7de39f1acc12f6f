#include "commands/training_program.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <unistd.h>

#include "base/error.hpp"
#include "commands/commands.hpp"

namespace clef {

namespace {

bool trains(std::string_view word) {
    return word == "pretrain" || word == "demo";
}

}  // namespace

void hand_over_training(char** argv) {
    char** word = argv + 1;
    while (*word != nullptr && **word == '-') ++word;  // --quiet and the like
    if (*word == nullptr || !trains(*word)) return;
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe");
    const std::filesystem::path program = here.parent_path() / "clef-training";
    if (!std::filesystem::exists(program)) {
        fail_input(
            "clef {}: this build has no training ({} is absent; it was built with "
            "-DCLEF_TRAINING=OFF)",
            *word, program.string());
    }
    ::execv(program.c_str(), argv);
    fail_run("{}: cannot start: {}", program.string(), std::strerror(errno));
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
