// --from and --to, which every command that takes a part of a recording reads alike.
#pragma once

#include <cstdint>
#include <string>

#include "commands/commands.hpp"

namespace clef {

struct RangeOptions {
    std::string from;  // as typed; empty: the beginning
    std::string to;    // empty: the end
};

// What stands behind the common words about times in the help of --from and --to.
struct RangeHelp {
    std::string from;
    std::string to;
};

// `range` must live as long as the command.
void add_range_options(CLI::App& command, RangeOptions& range, const RangeHelp& help);

// The sample that `text` means: seconds (2.5), a time (1:30, 1:02:03.5), both rounded to the
// nearest sample, a sample's number (s70000), or "e" for `end`. Errors: InputError that names the
// option.
std::uint64_t parse_position(const char* option, const std::string& text, double sampling_rate,
                             std::uint64_t end);

}  // namespace clef
