// The subcommands: one file each, which parses, calls the library and prints. Each add_… function
// hangs its subcommand into the program; running it throws InputError (exit 2) or RunError (exit
// 1).
#pragma once

#include <CLI/CLI.hpp>

namespace clef {

void add_demo_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_dump_command(CLI::App& app);
void add_simulate_command(CLI::App& app);
void add_index_command(CLI::App& app);
void add_annotations_command(CLI::App& app);
void add_convert_command(CLI::App& app);
void add_risk_command(CLI::App& app);
void add_preprocess_command(CLI::App& app);
void add_prepare_command(CLI::App& app);
void add_pretrain_command(CLI::App& app);
void add_model_command(CLI::App& app);
void add_embed_command(CLI::App& app);
void add_stream_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_benchmark_command(CLI::App& app);
void add_predict_command(CLI::App& app);
void add_geometry_command(CLI::App& app);

}  // namespace clef
