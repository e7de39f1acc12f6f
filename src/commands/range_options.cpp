#include "commands/range_options.hpp"

#include "base/error.hpp"
#include "formats/wfdb_time.hpp"

namespace clef {

void add_range_options(CLI::App& command, RangeOptions& range, const RangeHelp& help) {
    command.add_option("--from", range.from,
                       "the beginning: seconds (2.5), a time (1:30, 1:02:03.5), a sample number "
                       "(s70000) or e for the end; times mean the nearest sample" +
                           help.from);
    command.add_option("--to", range.to, "the end, likewise; " + help.to);
}

std::uint64_t parse_position(const char* option, const std::string& text, double sampling_rate,
                             std::uint64_t end) {
    if (text == "e") return end;
    if (const auto sample = parse_sample_position(text, sampling_rate)) return *sample;
    fail_input(
        "{} {}: expected seconds (2.5), a time (1:30 or 1:02:03.5), a sample number (s70000) "
        "or e for the end",
        option, text);
}

}  // namespace clef
