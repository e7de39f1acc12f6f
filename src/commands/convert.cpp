// clef convert: a recording of any format as WFDB, EDF+, CSV or NPY, with its annotations.
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "commands/reading_options.hpp"
#include "formats/conversion.hpp"
#include "formats/wfdb_time.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string in;
    std::string out;
    std::string format;
    std::string from;
    std::string to;
    ConversionOptions options;
    bool json = false;
};

std::uint64_t position(const std::string& text, const char* option, double rate) {
    if (const auto sample = parse_sample_position(text, rate)) return *sample;
    fail_input("{} {}: expected seconds (2.5), a time (1:30) or a sample number (s3600)", option,
               text);
}

void set_range(Arguments& arguments) {
    if (arguments.from.empty() && arguments.to.empty()) return;
    ReadOptions& read = arguments.options.read;
    const double rate = read_ecg_info(arguments.in, read).sampling_rate;
    if (!arguments.from.empty()) read.from = position(arguments.from, "--from", rate);
    if (!arguments.to.empty()) read.to = position(arguments.to, "--to", rate);
}

void print_result(const ConversionResult& result) {
    fmt::print("{}: {} leads × {} samples at {} Hz{}", result.files.front().string(), result.leads,
               result.samples, result.sampling_rate,
               result.kept_digital ? ", digital values as they were" : "");
    if (result.annotations > 0) fmt::print(", {} annotations", result.annotations);
    fmt::print("\n");
    for (std::size_t i = 1; i < result.files.size(); ++i) {
        fmt::print("{}\n", result.files[i].string());
    }
}

void print_result_as_json(const ConversionResult& result) {
    std::vector<std::string> files;
    for (const auto& file : result.files) files.push_back(file.string());
    print_json({{"files", files},
                {"leads", result.leads},
                {"samples", result.samples},
                {"sampling_rate_hz", result.sampling_rate},
                {"annotations", result.annotations},
                {"digital_values_kept", result.kept_digital},
                {"largest_difference", result.largest_difference},
                {"losses", result.losses},
                {"reading_options", result.reading_options}});
}

void run_convert(Arguments& arguments) {
    const ConversionTarget target = conversion_target(arguments.format, arguments.out);
    set_range(arguments);
    const ConversionResult result =
        convert_recording(arguments.in, arguments.out, target, arguments.options);
    for (const std::string& loss : result.losses) {
        warn(fmt::format("{}: {}", result.files.front().string(), loss));
    }
    if (!result.reading_options.empty()) {
        note(fmt::format("to read it back: clef COMMAND {} {}", result.files.front().string(),
                         result.reading_options));
    }
    if (arguments.json) {
        print_result_as_json(result);
    } else {
        print_result(result);
    }
}

}  // namespace

void add_convert_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("convert", "Any recording to WFDB, EDF+, CSV or NPY");
    command->add_option("in", arguments->in, "a recording of any format")->required();
    command
        ->add_option("out", arguments->out,
                     "what to write; its ending says the format: none or .hea (WFDB), .edf, .csv, "
                     ".npy")
        ->required();
    command->add_option("--format", arguments->format,
                        "wfdb16 (default of WFDB), wfdb212, wfdb516 (FLAC), edf, csv or npy");
    command
        ->add_option("--leads", arguments->options.read.leads,
                     "leads by name, in this order (default: all)")
        ->delimiter(',');
    command->add_option("--from", arguments->from,
                        "the beginning: seconds (2.5), a time (1:30) or a sample number (s3600)");
    command->add_option("--to", arguments->to, "the end, likewise; that sample is not included");
    command
        ->add_option("--resolution", arguments->options.resolution,
                     "digital units per mV for WFDB and EDF (default: the file's own; 1000 for "
                     "files without digital values)")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("-a,--annotator", arguments->options.annotators,
                     "which annotation files of a WFDB record (default: all): atr,qrs")
        ->delimiter(',');
    command->add_flag("--json", arguments->json, "what was written, and lost, as JSON");
    add_reading_options(*command, arguments->options.read);
    command->footer("Example: clef convert mitdb/100 100.edf --to 10:00");
    command->callback([arguments] { run_convert(*arguments); });
}

}  // namespace clef
