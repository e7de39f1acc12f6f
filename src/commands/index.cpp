// clef index: the cohort table of a public data set, or of a folder of records.
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/progress.hpp"
#include "cohort/datasets/dataset.hpp"
#include "commands/commands.hpp"

namespace clef {

namespace {

struct Options {
    std::vector<std::string> roots;
    std::string dataset;
    std::string output = "cohort.csv";
    IndexOptions index;
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
}

void run(const Options& options) {
    const std::vector<std::filesystem::path> roots(options.roots.begin(), options.roots.end());
    const IndexResult result = find_dataset(options.dataset).index(roots, options.index);
    refuse_leaks(result.cohort);
    write_cohort(result.cohort, options.output);
    for (const std::string& remark : result.remarks) note(remark);
    const Summary summary = summary_of(result.cohort);
    if (!options.json) {
        print_text(options, result.cohort, summary);
        return;
    }
    const nlohmann::json json = {
        {"cohort", options.output},
        {"dataset", options.dataset},
        {"recordings", result.cohort.rows.size()},
        {"patients", summary.patients},
        {"splits", summary.splits},
        {"missing_records", result.missing_records},
        {"labels", result.cohort.extra_columns},
        {"remarks", result.remarks},
    };
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
    command->add_option("--dataset", options->dataset, dataset_help())->required();
    command->add_option("-o,--output", options->output, "The table to write")
        ->capture_default_str();
    command->add_option("--sampling-rate", options->index.sampling_rate,
                        "Where there are several rates, the one to list (Hz); 0: the highest");
    command->add_flag("--skip-missing", options->index.skip_missing,
                      "Leave out rows whose signal file is absent");
    command->add_flag("--json", options->json, "Print the summary as JSON");
    command->footer("Example:\n  clef index path/to/ptb-xl --dataset ptbxl -o cohort.csv");
    command->callback([options] { run(*options); });
}

}  // namespace clef
