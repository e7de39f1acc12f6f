// clef annotations: prints a recording's annotations, one a line, as the WFDB program rdann does.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "commands/range_options.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/wfdb_annotations.hpp"
#include "formats/wfdb_reader.hpp"
#include "formats/wfdb_time.hpp"

namespace clef {

namespace {

constexpr double assumed_rate = 250;  // what the WFDB programs take where there is no header

struct Arguments {
    std::string record;
    std::string annotator;
    RangeOptions range;
    bool json = false;
};

// A line in the making: what every format gives, and the time to print.
struct Row {
    Annotation annotation;
    std::string time;
};

// Where the times of a record's annotations come from.
struct TimeBase {
    double rate = assumed_rate;
    WfdbBaseTime start;
};

TimeBase time_base(const Arguments& arguments) {
    const auto path = find_wfdb_header(arguments.record);
    if (path.empty()) {
        warn(fmt::format("{}: no header beside the annotations: times are for {} Hz",
                         arguments.record, assumed_rate));
        return {};
    }
    const WfdbHeader header = read_wfdb_header(path);
    return {header.sampling_rate, wfdb_base_time(header)};
}

std::string require_annotator(const Arguments& arguments) {
    if (!arguments.annotator.empty()) return arguments.annotator;
    const auto present = annotation_extensions(arguments.record);
    if (present.empty()) {
        fail_input("{}: no annotation files beside this record", arguments.record);
    }
    fail_input("{}: say which annotations with -a EXTENSION; the record has: {}", arguments.record,
               join(present, ", "));
}

// Times are printed at the finer of the two rates, samples are counted at the record's.
std::vector<Row> wfdb_rows(const Arguments& arguments, const TimeBase& base, bool with_head) {
    const auto path = annotation_path(arguments.record, arguments.annotator);
    if (!std::filesystem::is_regular_file(path)) {
        read_annotations(arguments.record, arguments.annotator);  // says what there is instead
    }
    WfdbAnnotationFile file = read_wfdb_annotation_file(path);
    if (with_head) {
        file.annotations.insert(file.annotations.begin(), file.head.begin(), file.head.end());
    }
    const double ticks = file.ticks_per_second > 0 ? file.ticks_per_second : base.rate;
    const double finer = std::max(ticks, base.rate);
    const std::vector<Annotation> annotations = to_annotations(file, base.rate);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        const double fine = static_cast<double>(file.annotations[i].tick) * (finer / ticks);
        const auto rounded = round_to_sample(fine);
        rows.push_back({annotations[i], wfdb_time_text(rounded, finer, base.start)});
    }
    return rows;
}

// A file of another format holds its annotations itself.
std::vector<Row> file_rows(const EcgReader& reader, const TimeBase& base) {
    constexpr double milliseconds = 1000;
    std::vector<Row> rows;
    for (Annotation& annotation : reader.annotations()) {
        const std::int64_t time = round_to_sample(annotation.seconds * milliseconds);
        rows.push_back({std::move(annotation), wfdb_time_text(time, milliseconds, base.start)});
    }
    return rows;
}

TimeBase time_base(const RecordingInfo& info) {
    const auto parts = split_blanks(info.start);
    WfdbHeader header;
    if (!parts.empty()) header.base_time = parts[0];
    if (parts.size() > 1) header.base_date = parts[1];
    return {info.sampling_rate, wfdb_base_time(header)};
}

std::optional<std::int64_t> position(const std::string& text, const char* option, double rate) {
    constexpr std::uint64_t end = std::numeric_limits<std::int64_t>::max();  // behind all others
    if (text.empty()) return std::nullopt;
    return static_cast<std::int64_t>(parse_position(option, text, rate, end));
}

// From the first annotation at or behind `from` until the first one behind `to`.
void keep_range(std::vector<Row>& rows, std::optional<std::int64_t> from,
                std::optional<std::int64_t> to) {
    if (from) {
        rows.erase(rows.begin(), std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
                       return row.annotation.sample >= *from;
                   }));
    }
    if (to) {
        rows.erase(std::find_if(rows.begin(), rows.end(),
                                [&](const Row& row) { return row.annotation.sample > *to; }),
                   rows.end());
    }
}

void print_rows(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const Annotation& annotation = row.annotation;
        // Text may hold anything; it is shown up to its first zero byte, as C programs do.
        const std::string text(annotation.text.c_str());
        fmt::print("{}  {:7d}{:>6}{:5d}{:5d}{:5d}{}{}\n", row.time, annotation.sample,
                   annotation.symbol, annotation.subtype, annotation.channel, annotation.number,
                   annotation.text.empty() ? "" : "\t", text);
    }
}

void print_rows_as_json(const std::vector<Row>& rows) {
    auto list = nlohmann::json::array();
    for (const Row& row : rows) {
        const Annotation& annotation = row.annotation;
        list.push_back({{"sample", annotation.sample},
                        {"seconds", annotation.seconds},
                        {"time", std::string(trim(row.time))},
                        {"symbol", annotation.symbol},
                        {"subtype", annotation.subtype},
                        {"channel", annotation.channel},
                        {"number", annotation.number},
                        {"text", annotation.text.c_str()}});
        if (annotation.duration > 0) list.back()["duration_s"] = annotation.duration;
    }
    print_json(list);
}

// Whether the recording is a file that holds its annotations itself, rather than a WFDB record.
bool is_other_format(const Arguments& arguments) {
    if (!std::filesystem::is_regular_file(arguments.record)) return false;
    // By content: an EDF file may lie beside a WFDB header of its name.
    const EcgFormat* format = find_format(arguments.record);
    return format == nullptr || std::string_view(format->name) != wfdb_format().name;
}

void run_annotations(Arguments arguments) {
    std::unique_ptr<const EcgReader> reader;
    TimeBase base;
    if (is_other_format(arguments)) {
        if (!arguments.annotator.empty()) {
            fail_input("{}: -a {}: this file holds its annotations itself; leave -a out",
                       arguments.record, arguments.annotator);
        }
        reader = open_ecg(arguments.record);
        base = time_base(reader->info());
    } else {
        arguments.annotator = require_annotator(arguments);
        base = time_base(arguments);
    }
    const auto from = position(arguments.range.from, "--from", base.rate);
    const auto to = position(arguments.range.to, "--to", base.rate);
    std::vector<Row> rows =
        reader ? file_rows(*reader, base) : wfdb_rows(arguments, base, from == 0);
    keep_range(rows, from, to);
    if (arguments.json) {
        print_rows_as_json(rows);
    } else {
        print_rows(rows);
    }
}

}  // namespace

void add_annotations_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("annotations", "Print a recording's annotations");
    command
        ->add_option("record", arguments->record,
                     "a WFDB record, or a file that holds annotations (EDF+)")
        ->required();
    command->add_option("-a,--annotator", arguments->annotator,
                        "which annotation file: its ending (atr, qrs, …)");
    add_range_options(*command, arguments->range,
                      {"; 0 shows the file's own definitions too",
                       "annotations at that very sample are printed, as rdann does"});
    command->add_flag("--json", arguments->json, "as JSON");
    command->footer("Example: clef annotations mitdb/100 -a atr --to 1:30");
    command->callback([arguments] { run_annotations(*arguments); });
}

}  // namespace clef
