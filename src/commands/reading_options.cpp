#include "commands/reading_options.hpp"

#include "base/error.hpp"
#include "formats/units.hpp"

namespace clef {

void add_reading_options(CLI::App& command, ReadOptions& options) {
    const char* group = "What the file does not say";
    command.add_option("--fs", options.sampling_rate, "sampling rate in Hz, for files without one")
        ->check(CLI::PositiveNumber)
        ->group(group);
    command
        .add_option("--units", options.units,
                    "unit of the numbers: mV, uV, V, a gain such as 200/mV, or NU (no voltage)")
        ->check([](const std::string& text) {
            try {
                parse_units_option(text);
            } catch (const InputError& error) {
                const std::string message = error.what();  // CLI11 names the option itself
                return message.substr(message.find(' ') + 1);
            }
            return std::string();
        })
        ->group(group);
    command
        .add_option("--lead-names", options.lead_names,
                    "names of the leads in the file's order: I,II,V1")
        ->delimiter(',')
        ->group(group);
    command
        .add_option("--variable", options.variable,
                    "the variable that holds the signals, for MATLAB files with several")
        ->group(group);
}

}  // namespace clef
