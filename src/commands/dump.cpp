// clef dump: prints a recording's samples as tab-separated rows, as the WFDB program rdsamp does,
// without its column of sample numbers.
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/dump_rows.hpp"

namespace clef {

namespace {

// Cells printed from one block: bounds the memory, whatever the recording's length.
constexpr std::uint64_t block_cells = 1 << 18;

// More than a year at 250 Hz: such a number comes from a damaged header, not from a recorder.
constexpr std::uint64_t max_rows = std::uint64_t{1} << 33;

// What the WFDB library hands out as a digital value where there is no sample.
constexpr int missing_digital = -32768;

struct Arguments {
    std::string recording;
    std::string from;
    std::string to;
    DumpView view;
};

// "s", "m:s" or "h:m:s", any of them with a fraction: seconds.
std::optional<double> parse_seconds(std::string_view text) {
    const auto parts = split(text, ':');
    if (parts.size() > 3) return std::nullopt;
    double seconds = 0;
    for (const std::string_view part : parts) {
        const auto value = parse_double(part);
        if (!value || !(*value >= 0)) return std::nullopt;
        seconds = 60 * seconds + *value;
    }
    return seconds;
}

// A row from what a person typed, rounded to the nearest.
std::uint64_t parse_row(const char* option, const std::string& text, const DumpRows& rows) {
    constexpr double limit = 9007199254740992.0;  // 2^53: counted exactly by a double
    if (text == "e") return rows.rows();
    if (text.starts_with('s')) {
        const auto row = parse_integer(text.substr(1));
        if (row && *row >= 0) return static_cast<std::uint64_t>(*row);
    } else if (const auto seconds = parse_seconds(text)) {
        const double row = std::floor(*seconds * rows.rate() + 0.5);
        if (row < limit) return static_cast<std::uint64_t>(row);
    }
    fail_input(
        "{} {}: expected seconds (2.5), a time (1:30 or 1:02:03.5), a sample number (s70000) "
        "or e for the end",
        option, text);
}

// Fields of rdsamp's widths: digital values of 7 places, physical ones of 15 with 8 decimals.
void add_cell(fmt::memory_buffer& text, double value, bool digital) {
    const auto out = fmt::appender(text);
    if (digital) {
        fmt::format_to(out, "{:7d}",
                       std::isnan(value) ? missing_digital : static_cast<std::int64_t>(value));
    } else if (std::isnan(value)) {
        fmt::format_to(out, "{:>15}", "-");
    } else {
        fmt::format_to(out, "{:15.8f}", value);
    }
}

void print_block(const std::vector<std::vector<double>>& columns, bool digital) {
    fmt::memory_buffer text;
    for (std::size_t row = 0; row < columns.front().size(); ++row) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) text.push_back('\t');
            add_cell(text, columns[i][row], digital);
        }
        text.push_back('\n');
    }
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
        fail_run("standard output: cannot write; is the disk full?");
    }
}

void run_dump(const Arguments& arguments) {
    const auto rows = open_dump(arguments.recording, arguments.view);
    const std::uint64_t end = rows->rows();
    const std::uint64_t from =
        arguments.from.empty() ? 0 : parse_row("--from", arguments.from, *rows);
    const std::uint64_t wanted =
        arguments.to.empty() ? end : parse_row("--to", arguments.to, *rows);
    const std::uint64_t to = std::min(wanted, end);
    if (from >= to) {
        fail_input("{}: samples {} to {} asked for, but the recording has samples 0 to {}",
                   arguments.recording, from, wanted, end);
    }
    if (to - from > max_rows) {
        fail_input("{}: {} rows asked for; choose a part with --from and --to", arguments.recording,
                   to - from);
    }
    std::optional<Progress> progress;
    if (::isatty(STDOUT_FILENO) == 0) progress.emplace("dump", to - from, "rows");
    const std::uint64_t frame = rows->rows_per_frame();
    const std::uint64_t at_once =
        frame * std::max<std::uint64_t>(1, block_cells / frame / rows->columns());
    for (std::uint64_t row = from; row < to;) {
        const std::uint64_t stop = std::min(to, (row / at_once + 1) * at_once);
        const auto columns = rows->read(row, stop);
        print_block(columns, arguments.view.digital);
        if (progress) progress->add(static_cast<std::size_t>(stop - row));
        row = stop;
    }
    if (std::fflush(stdout) != 0) fail_run("standard output: cannot write; is the disk full?");
}

}  // namespace

void add_dump_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("dump", "Print a recording's samples as rows, as rdsamp prints them");
    command->add_option("recording", arguments->recording, "a recording of any format")->required();
    command->add_option("--from", arguments->from,
                        "the first row: seconds (2.5), a time (1:30, 1:02:03.5), a sample number "
                        "(s70000) or e for the end; seconds are rounded to the nearest row");
    command->add_option("--to", arguments->to, "the row to stop before, likewise");
    command
        ->add_option("--channels", arguments->view.channels,
                     "signals in the order wanted: numbers from 0, or names (default: all)")
        ->delimiter(',');
    command->add_flag("--digital", arguments->view.digital,
                      "the values as stored (WFDB), -32768 where a sample is missing; otherwise "
                      "values in the file's units with 8 decimals, '-' where missing");
    command->add_flag("--high-resolution", arguments->view.high_resolution,
                      "a row per sample of the fastest signal, slower ones repeated (WFDB); "
                      "otherwise a row per frame, faster signals averaged");
    command->footer("Example: clef dump records/100 --from 1:30 --to s33000 --channels V5,0");
    command->callback([arguments] { run_dump(*arguments); });
}

}  // namespace clef
