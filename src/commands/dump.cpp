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
#include "commands/commands.hpp"
#include "commands/dump_rows.hpp"
#include "commands/range_options.hpp"
#include "commands/reading_options.hpp"

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
    RangeOptions range;
    DumpView view;
    ReadOptions read;
};

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
    const auto rows = open_dump(arguments.recording, arguments.view, arguments.read);
    const std::uint64_t end = rows->rows();
    const auto& [from_text, to_text] = arguments.range;
    const std::uint64_t from =
        from_text.empty() ? 0 : parse_position("--from", from_text, rows->rate(), end);
    const std::uint64_t wanted =
        to_text.empty() ? end : parse_position("--to", to_text, rows->rate(), end);
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
    add_range_options(*command, arguments->range, {"", "that row is not printed"});
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
    add_reading_options(*command, arguments->read);
    command->footer("Example: clef dump records/100 --from 1:30 --to s33000 --channels V5,0");
    command->callback([arguments] { run_dump(*arguments); });
}

}  // namespace clef
