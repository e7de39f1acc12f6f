// clef stream: embeddings of a signal while it comes in, from standard input or from a recording
// that is played as if it were being recorded.
#include "runtime/stream.hpp"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/reading_options.hpp"
#include "commands/sample_lines.hpp"
#include "encoder/model.hpp"
#include "formats/leads.hpp"
#include "formats/units.hpp"

namespace clef {

namespace {

volatile std::sig_atomic_t stopped = 0;

struct Arguments {
    std::string input;
    std::string model;
    std::string filter = "zero-phase";
    std::string precision = "float32";
    StreamOptions options;
    ReadOptions reading;
    bool real_time = false;
    bool json = false;
};

// SIGINT and SIGTERM end the loop, and interrupt a read that waits.
void stop_when_asked() {
    stopped = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { stopped = 1; };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

std::string number(double value) {
    return std::isnan(value) ? std::string() : fmt::format("{:.4g}", value);
}

// One line per window, written through at once.
class Printer {
  public:
    Printer(bool json, std::size_t dimensions) : json_(json), dimensions_(dimensions) {}

    // The columns' names: once it is sure that there will be rows.
    void begin() const {
        if (json_) return;
        std::string header = "start_s,duration_s,missing,flat,quality,reason";
        for (std::size_t d = 0; d < dimensions_; ++d) header += fmt::format(",e{}", d);
        print(header);
    }

    void operator()(const StreamWindow& window) {
        print(json_ ? json_line(window) : csv_row(window));
        ++(window.embedding.empty() ? left_out_ : embedded_);
    }

    std::size_t embedded() const { return embedded_; }
    std::size_t left_out() const { return left_out_; }

  private:
    static std::string json_line(const StreamWindow& window) {
        nlohmann::ordered_json line = {{"start_s", window.start_seconds},
                                       {"duration_s", window.seconds},
                                       {"missing", window.missing},
                                       {"flat", window.flat},
                                       {"quality", window.quality.quality}};
        if (window.embedding.empty()) {
            line["reason"] = window.reason;
            line["embedding"] = nullptr;
        } else {
            line["embedding"] = window.embedding;
        }
        return line.dump();
    }

    std::string csv_row(const StreamWindow& window) const {
        std::string row = fmt::format("{:.10g},{:g},{},{},{},{}", window.start_seconds,
                                      window.seconds, number(window.missing), window.flat ? 1 : 0,
                                      number(window.quality.quality), window.reason);
        for (std::size_t d = 0; d < dimensions_; ++d) {
            row += window.embedding.empty() ? "," : fmt::format(",{}", window.embedding[d]);
        }
        return row;
    }

    static void print(std::string line) {
        line += '\n';
        if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() ||
            std::fflush(stdout) != 0) {
            fail_run("standard output: cannot write; is the disk full?");
        }
    }

    bool json_;
    std::size_t dimensions_;
    std::size_t embedded_ = 0;
    std::size_t left_out_ = 0;
};

const std::vector<std::string>& wanted_leads(const Arguments& arguments, const Recipe& recipe) {
    return arguments.options.leads.empty() ? recipe.leads : arguments.options.leads;
}

// Which columns of standard input are the leads wanted; as they stand, where nobody names them.
std::vector<std::size_t> wanted_columns(const std::vector<std::string>& leads,
                                        const std::vector<std::string>& names) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        std::size_t column = i;
        if (!names.empty()) {
            column = 0;
            while (column < names.size() && !same_lead(names[column], leads[i])) ++column;
            if (column == names.size()) {
                fail_input("standard input: no lead {}; --lead-names has {}", leads[i],
                           join(names, " "));
            }
        }
        columns.push_back(column);
    }
    return columns;
}

void stream_input(const Arguments& arguments, const Session& session,
                  const Preprocessor& preprocessor, Printer& printer) {
    if (arguments.real_time) fail_input("--real-time: standard input has its own time");
    if (!arguments.reading.sampling_rate) {
        fail_input("standard input: say the sampling rate in Hz with --fs");
    }
    if (!arguments.reading.units) {
        fail_input("standard input: say the numbers' unit with --units (mV, uV, 200/mV, NU)");
    }
    if (!arguments.reading.variable.empty()) {
        fail_input("--variable is for MATLAB files, not for standard input");
    }
    const UnitScale scale = parse_units_option(*arguments.reading.units);
    StreamOptions options = arguments.options;
    options.leads = wanted_leads(arguments, preprocessor.recipe());
    options.sampling_rate = *arguments.reading.sampling_rate;
    options.in_millivolts = scale.in_millivolts;
    const auto& names = arguments.reading.lead_names;
    SampleLines lines(names.empty() ? options.leads.size() : names.size(),
                      wanted_columns(options.leads, names), scale.factor);
    Stream stream(session, preprocessor, options);
    printer.begin();
    const auto pass_on = [&] { stream.feed(lines.take(), std::ref(printer)); };
    std::vector<char> buffer(1 << 16);
    while (stopped == 0) {
        const ssize_t bytes = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < 0) fail_run("standard input: {}", std::strerror(errno));
        if (bytes == 0) {
            lines.finish();
            pass_on();
            return;
        }
        lines.add({buffer.data(), static_cast<std::size_t>(bytes)});
        pass_on();
    }
}

// Waits until so many seconds after `begin`, or until asked to stop.
void wait_until(std::chrono::steady_clock::time_point begin, double seconds) {
    using clock = std::chrono::steady_clock;
    const auto end =
        begin + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    while (stopped == 0 && clock::now() < end) {
        std::this_thread::sleep_for(
            std::min<clock::duration>(end - clock::now(), std::chrono::milliseconds(100)));
    }
}

// Samples of all leads of the recording's rate.
std::uint64_t samples_of(const RecordingInfo& info, double rate) {
    for (const SignalInfo& signal : info.signals) {
        if (signal.sampling_rate == rate) return signal.samples;
    }
    return info.samples;
}

// Frames [from, to) of a recording.
std::vector<float> frames_of(const Recording& recording, std::size_t from, std::size_t to) {
    std::vector<float> frames;
    for (std::size_t i = from; i < to; ++i) {
        for (const Lead& lead : recording.leads) frames.push_back(lead.samples[i]);
    }
    return frames;
}

void stream_recording(const Arguments& arguments, const Session& session,
                      const Preprocessor& preprocessor, Printer& printer) {
    ReadOptions reading = arguments.reading;
    reading.leads = wanted_leads(arguments, preprocessor.recipe());
    constexpr std::uint64_t at_once = 1 << 20;  // samples of a lead in memory
    reading.to = at_once;
    Recording recording = read_ecg(arguments.input, reading);
    const double rate = recording.sampling_rate;
    const std::uint64_t total = samples_of(read_ecg_info(arguments.input, reading), rate);
    StreamOptions options = arguments.options;
    options.leads = reading.leads;
    options.sampling_rate = rate;
    for (const Lead& lead : recording.leads) {
        options.in_millivolts = options.in_millivolts && lead.in_millivolts;
    }
    Stream stream(session, preprocessor, options);
    printer.begin();
    const auto begin = std::chrono::steady_clock::now();
    const std::size_t step = std::max<std::size_t>(1, static_cast<std::size_t>(rate / 10));
    for (;;) {
        for (std::size_t at = 0; at < recording.samples() && stopped == 0; at += step) {
            const std::size_t end = std::min(at + step, recording.samples());
            if (arguments.real_time) {
                wait_until(begin, static_cast<double>(stream.samples() + end - at) / rate);
            }
            if (stopped != 0) return;
            stream.feed(frames_of(recording, at, end), std::ref(printer));
        }
        reading.from = stream.samples();
        if (stopped != 0 || recording.samples() == 0 || reading.from >= total) return;
        reading.to = reading.from + at_once;
        recording = read_ecg(arguments.input, reading);
    }
}

void run_stream(Arguments arguments) {
    arguments.options.filter = parse_stream_filter(arguments.filter);
    Model model = read_model(arguments.model);
    const Preprocessor preprocessor(model.recipe);
    const Session session(std::move(model), {parse_precision(arguments.precision)});
    stop_when_asked();
    Printer printer(arguments.json, session.output_size());
    if (arguments.input == "-") {
        stream_input(arguments, session, preprocessor, printer);
    } else {
        stream_recording(arguments, session, preprocessor, printer);
    }
    note(fmt::format("{} windows embedded, {} not{}", printer.embedded(), printer.left_out(),
                     stopped != 0 ? "; stopped when asked to" : ""));
}

}  // namespace

void add_stream_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "stream", "Embeddings of a signal while it comes in, a line for each window");
    command
        ->add_option("recording", arguments->input,
                     "a recording, played as if live; or - for standard input: a line for each "
                     "instant, a number for each lead; nothing or nan where a sample is missing")
        ->required();
    command->add_option("--model", arguments->model, "the model file")->required();
    command->add_option("--lead", arguments->options.leads,
                        "lead by name (default: the model's own); as many as the encoder takes");
    command
        ->add_option("--hop", arguments->options.hop_seconds,
                     "seconds from one window's beginning to the next (default: a window)")
        ->check(CLI::PositiveNumber);
    command->add_option("--filter", arguments->filter,
                        "zero-phase: each window as `clef embed` prepares it; causal: the recipe's "
                        "filters forward only, their state kept over the stream");
    command
        ->add_option("--min-quality", arguments->options.min_quality,
                     "no embedding for windows whose worst lead has a lower signal quality (0 to "
                     "1; 0.66 is acceptable)")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--precision", arguments->precision,
                        "of the encoder's arithmetic: float32, bfloat16 or int8");
    command->add_flag("--real-time", arguments->real_time,
                      "play the recording at its own speed, not as fast as possible");
    command->add_flag("--json", arguments->json, "a JSON object per line instead of CSV");
    add_reading_options(*command, arguments->reading);
    command->footer(
        "Example: sensor | clef stream - --model clef-small.safetensors --fs 130 --units uV "
        "--hop 10");
    command->callback([arguments] { run_stream(*arguments); });
}

}  // namespace clef
