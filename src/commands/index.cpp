// clef index: the cohort table of a public data set, or of a folder of records.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "cohort/datasets/dataset.hpp"
#include "cohort/metadata.hpp"
#include "cohort/recording_quality.hpp"
#include "commands/commands.hpp"
#include "commands/format_counts.hpp"
#include "commands/output.hpp"
#include "commands/reading_options.hpp"

namespace clef {

namespace {

struct Options {
    std::vector<std::string> roots;
    std::string dataset = "folder";
    std::string output = "cohort.csv";
    IndexOptions index;
    bool quality = false;     // --quality
    bool no_quality = false;  // --no-quality
    QualityColumnOptions columns;
    std::string metadata, metadata_key, risk_unit;
    bool json = false;
};

struct Summary {
    std::size_t patients = 0;
    std::map<std::string, std::size_t> splits;  // rows of each
};

Summary summary_of(const Cohort& cohort) {
    Summary summary;
    std::set<std::string> patients;
    for (const CohortRow& row : cohort.rows) {
        patients.insert(row.patient_id);
        if (!row.split.empty()) ++summary.splits[row.split];
    }
    summary.patients = patients.size();
    return summary;
}

void print_text(const Options& options, const Cohort& cohort, const Summary& summary) {
    std::string splits;
    for (const char* split : {"train", "val", "test"}) {
        const auto found = summary.splits.find(split);
        if (found != summary.splits.end()) splits += fmt::format(", {} {}", split, found->second);
    }
    fmt::print("{}: {} recordings of {} patients{}\n", options.output, cohort.rows.size(),
               summary.patients, splits);
    print_format_counts(format_counts(cohort));
}

// What an interrupted run has measured lies beside its table.
std::filesystem::path notes_of(const Options& options) {
    return options.output + ".measured";
}

// A plain folder's recordings are measured unless --no-quality, a data set's with --quality.
void add_quality(const Options& options, IndexResult& result) {
    const bool folder = options.dataset == "folder";
    const bool asked =
        options.quality || options.columns.min_quality.has_value() || !options.columns.lead.empty();
    if (options.no_quality && asked) {
        fail_input("--no-quality: not together with --quality, --min-quality or --lead");
    }
    if (options.no_quality || !(folder || asked)) return;
    QualityColumnOptions columns = options.columns;
    columns.drop_unreadable = folder;
    columns.strict = options.index.strict;
    columns.threads = options.index.threads;
    columns.read = options.index.read;
    columns.notes = notes_of(options);
    result.remarks.push_back(add_quality_columns(result.cohort, columns));
    if (!result.cohort.rows.empty()) return;
    fail_input("{}: no recording is left of {}; the first: {}", result.cohort.source,
               result.cohort.skipped.size(), result.cohort.skipped.front().second);
}

// A reason without what differs from recording to recording: its path and the numbers.
std::string kind_of_reason(const std::string& record, const std::string& reason) {
    std::string kind = reason;
    const std::size_t folder = record.find_last_of('/');
    if (folder != std::string::npos && kind.starts_with(record.substr(0, folder + 1))) {
        const std::size_t end = kind.find(": ");
        if (end != std::string::npos) kind = kind.substr(end + 2);
    }
    std::string general;
    for (const char c : kind) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && !general.empty() && general.back() == '#') continue;
        general += digit ? '#' : c;
    }
    return general;
}

std::map<std::string, std::size_t> reasons_of(const Skipped& skipped) {
    std::map<std::string, std::size_t> reasons;
    for (const auto& [record, reason] : skipped) ++reasons[kind_of_reason(record, reason)];
    return reasons;
}

// The commonest reasons, for people.
void print_reasons(const std::map<std::string, std::size_t>& reasons) {
    std::vector<std::pair<std::string, std::size_t>> sorted(reasons.begin(), reasons.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    constexpr std::size_t shown = 6;
    for (std::size_t i = 0; i < std::min(shown, sorted.size()); ++i) {
        note(fmt::format("  {} × {}", sorted[i].second, sorted[i].first));
    }
    if (sorted.size() > shown) note(fmt::format("  and {} other reasons", sorted.size() - shown));
}

// --metadata: the join, its remarks added to the index's own.
void add_metadata(const Options& options, IndexResult& result, nlohmann::json& json) {
    if (options.metadata.empty()) {
        if (!options.metadata_key.empty() || !options.risk_unit.empty()) {
            fail_input("--metadata-key and --metadata-risk-unit need --metadata FILE");
        }
        return;
    }
    MetadataOptions how;
    if (!options.metadata_key.empty()) {
        how.key = parse_metadata_key(options.metadata_key);
        if (!how.key) {
            fail_input("--metadata-key {}: expected record or patient_id", options.metadata_key);
        }
    }
    if (!options.risk_unit.empty()) {
        how.risk_unit = parse_risk_unit(options.risk_unit);
        if (!how.risk_unit) {
            fail_input("--metadata-risk-unit {}: expected fraction or percent", options.risk_unit);
        }
    }
    const MetadataResult joined = join_metadata(result.cohort, read_csv(options.metadata), how);
    result.remarks.insert(result.remarks.end(), joined.remarks.begin(), joined.remarks.end());
    json = {
        {"matched", joined.matched}, {"unmatched", joined.unmatched}, {"unused", joined.unused}};
}

void run(const Options& options) {
    const std::vector<std::filesystem::path> roots(options.roots.begin(), options.roots.end());
    IndexResult result = find_dataset(options.dataset).index(roots, options.index);
    add_quality(options, result);
    nlohmann::json metadata;
    add_metadata(options, result, metadata);
    refuse_leaks(result.cohort);
    write_cohort(result.cohort, options.output);
    std::filesystem::remove(notes_of(options));
    const Skipped& skipped = result.cohort.skipped;
    write_skipped(skipped, std::filesystem::path(options.output).parent_path() / "skipped.csv");
    const auto reasons = reasons_of(skipped);
    print_reasons(reasons);
    for (const std::string& remark : result.remarks) note(remark);
    const Summary summary = summary_of(result.cohort);
    if (!options.json) {
        print_text(options, result.cohort, summary);
        return;
    }
    nlohmann::json json = {
        {"cohort", options.output},
        {"dataset", options.dataset},
        {"recordings", result.cohort.rows.size()},
        {"patients", summary.patients},
        {"splits", summary.splits},
        {"missing_records", result.missing_records},
        {"skipped", skipped.size()},
        {"skipped_reasons", reasons},
        {"formats", format_counts_json(format_counts(result.cohort))},
        {"labels", result.cohort.extra_columns},
        {"remarks", result.remarks},
    };
    if (!metadata.is_null()) json["metadata"] = metadata;
    fmt::print("{}\n", json.dump(2));
}

std::string dataset_help() {
    std::string help = "Which data set:";
    for (const Dataset& dataset : datasets()) {
        help += fmt::format("\n  {}: {}", dataset.name, dataset.description);
    }
    return help;
}

}  // namespace

void add_index_command(CLI::App& app) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "index", "Write the cohort table of a public data set or of a folder of records");
    command->add_option("ROOT", options->roots, "The data set's folder, or several parts of it")
        ->required();
    command->add_option("--dataset", options->dataset, dataset_help())->capture_default_str();
    command->add_option("-o,--output", options->output, "The table to write")
        ->capture_default_str();
    command->add_option("--sampling-rate", options->index.sampling_rate,
                        "Where there are several rates, the one to list (Hz); 0: the highest");
    command->add_flag("--skip-missing", options->index.skip_missing,
                      "Leave out rows whose signal file is absent");
    command->add_flag("--strict", options->index.strict,
                      "A recording that cannot be read is an error, not left out and listed in "
                      "skipped.csv");
    command->add_flag("--quality", options->quality,
                      "Add the columns of signal quality (a folder's recordings have them anyway)");
    command->add_flag("--no-quality", options->no_quality,
                      "Read the headers only: no columns of signal quality");
    command
        ->add_option("--min-quality", options->columns.min_quality,
                     "Leave out recordings of lower quality (0 to 1) and list them in skipped.csv")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--lead", options->columns.lead,
                        "The lead whose quality counts, as the file has it: none is derived "
                        "(default: the worst ECG lead)");
    command
        ->add_option("--window-seconds", options->index.window_seconds,
                     "Data sets whose rows are windows (mitdb-beat, icentia11k-beat, "
                     "icentia11k-rhythm, music): their length")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    command->add_option("--threads", options->index.threads, "0: all processors");
    add_reading_options(*command, options->index.read);
    command->add_option("--metadata", options->metadata,
                        "A table to join: its columns are added to the cohort's");
    command->add_option("--metadata-key", options->metadata_key,
                        "Join on record or on patient_id (default: record where the table has it)");
    command->add_option("--metadata-risk-unit", options->risk_unit,
                        "fraction or percent: read the column score2_risk as risk in that unit");
    command->add_flag("--json", options->json, "Print the summary as JSON");
    command->footer(
        "Examples:\n  clef index path/to/ptb-xl --dataset ptbxl -o cohort.csv\n"
        "  clef index my-recordings --min-quality 0.66 -o cohort.csv\n"
        "  clef index path/to/mitdb --dataset mitdb-beat --window-seconds 5 -o beats.csv");
    command->callback([options] { run(*options); });
}

}  // namespace clef
