// The subcommand that puts shards together; as those of commands.hpp.
#pragma once

#include <CLI/CLI.hpp>

namespace clef {

void add_merge_command(CLI::App& app);

}  // namespace clef
