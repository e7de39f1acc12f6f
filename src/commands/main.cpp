// The program: `clef COMMAND INPUT… [--option value]`. Exit 0 done, 1 the run failed, 2 the request
// was wrong.
#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "base/memory.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/merge.hpp"
#ifndef CLEF_TRAINING
#include "commands/training_program.hpp"
#endif

namespace {

int report(int code, const char* message) {
    fmt::print(stderr, "clef: {}\n", message);
    return code;
}

int run(int argc, char** argv) {
    CLI::App app("ECG foundation models: pretrain, embed, probe, evaluate.", "clef");
    app.set_version_flag("--version", CLEF_VERSION);
    app.require_subcommand(1);
    bool quiet = false;
    app.add_flag("--quiet", quiet, "no progress and no notes, only results, warnings and errors");
    app.parse_complete_callback([&quiet] { clef::set_quiet(quiet); });
    app.footer("Example: clef demo -o demo\n`clef COMMAND --help` explains one command.");
    app.fallthrough();
    clef::add_demo_command(app);
    clef::add_info_command(app);
    clef::add_dump_command(app);
    clef::add_simulate_command(app);
    clef::add_index_command(app);
    clef::add_annotations_command(app);
    clef::add_convert_command(app);
    clef::add_risk_command(app);
    clef::add_preprocess_command(app);
    clef::add_prepare_command(app);
    clef::add_pretrain_command(app);
    clef::add_model_command(app);
    clef::add_embed_command(app);
    clef::add_merge_command(app);
    clef::add_stream_command(app);
    clef::add_evaluate_command(app);
    clef::add_benchmark_command(app);
    clef::add_predict_command(app);
    clef::add_geometry_command(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    clef::keep_freed_memory();
    try {
#ifndef CLEF_TRAINING
        clef::hand_over_training(argv);
#endif
        return run(argc, argv);
    } catch (const clef::InputError& error) {
        return report(2, error.what());
    } catch (const clef::RunError& error) {
        return report(1, error.what());
    } catch (const std::exception& error) {
        return report(1, error.what());
    }
}
