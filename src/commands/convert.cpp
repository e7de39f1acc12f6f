// clef convert: a recording of any format as WFDB, EDF+, CSV or NPY, with its annotations.
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "commands/range_options.hpp"
#include "commands/reading_options.hpp"
#include "formats/conversion.hpp"
#include "formats/leads.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string in;
    std::string out;
    std::string format;
    RangeOptions range;
    ConversionOptions options;
    bool json = false;
};

// The signal whose rate --from and --to count at: the first one asked for, or the one that stands
// for all; a lead that will be derived has the rate of the limb leads.
SignalInfo timed_signal(const RecordingInfo& info, const std::vector<std::string>& leads) {
    for (const SignalInfo& signal : info.signals) {
        if (leads.empty()) break;
        if (same_lead(signal.label, leads[0]) || same_lead(signal.name, leads[0])) return signal;
    }
    return {"", "", "", info.sampling_rate, info.samples};
}

void set_range(Arguments& arguments) {
    const auto& [from, to] = arguments.range;
    if (from.empty() && to.empty()) return;
    ReadOptions& read = arguments.options.read;
    const SignalInfo signal = timed_signal(read_ecg_info(arguments.in, read), read.leads);
    const auto position = [&](const char* option, const std::string& text) {
        return parse_position(option, text, signal.sampling_rate, signal.samples);
    };
    if (!from.empty()) read.from = position("--from", from);
    if (!to.empty()) read.to = position("--to", to);
}

void print_result(const ConversionResult& result) {
    fmt::print("{}: {} {} × {} samples at {} Hz{}", result.files.front().string(), result.leads,
               result.leads == 1 ? "lead" : "leads", result.samples, result.sampling_rate,
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
    add_range_options(*command, arguments->range, {"", "that sample is not included"});
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
