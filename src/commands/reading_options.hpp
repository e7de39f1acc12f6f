// The options with which a user says of recordings what their files do not say: every command that
// takes recordings has them.
#pragma once

#include "commands/commands.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

// --fs, --units, --lead-names and --variable; `options` must live as long as the command.
void add_reading_options(CLI::App& command, ReadOptions& options);

}  // namespace clef
