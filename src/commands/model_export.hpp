// `clef model export`, one of the commands under `clef model`.
#pragma once

#include <CLI/CLI.hpp>

namespace clef {

void add_model_export(CLI::App& model_command);

}  // namespace clef
