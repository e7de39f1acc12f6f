// clef evaluate: linear probes of encoders on tasks, with intervals, baselines and paired
// differences.
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cohort/read_cohorts.hpp"
#include "commands/commands.hpp"
#include "commands/output.hpp"
#include "commands/probing.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/results_json.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> cohorts;
    std::vector<std::string> tasks;
    std::vector<std::string> models;
    std::vector<std::string> protocols = {"probe", "random"};
    int random_seeds = 3;
    std::string output;
    EmbedOptions embed;
    ProbeOptions probe;
    bool json = false;
};

const std::vector<std::string> known_protocols = {"probe", "random"};

// "NAME=FILE" or "FILE"
Contender read_contender(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || std::filesystem::exists(text)) {
        return {std::filesystem::path(text).parent_path().filename().string() + "/" +
                    std::filesystem::path(text).stem().string(),
                read_model(text)};
    }
    return {text.substr(0, equals), read_model(text.substr(equals + 1))};
}

std::vector<Contender> contenders_of(const Arguments& arguments) {
    std::vector<Contender> contenders;
    bool random = false;
    for (const std::string& protocol : arguments.protocols) {
        if (std::find(known_protocols.begin(), known_protocols.end(), protocol) ==
            known_protocols.end()) {
            fail_input("--protocol {}: not known.{}", protocol,
                       suggestion(protocol, known_protocols));
        }
        random = random || protocol == "random";
    }
    for (const std::string& model : arguments.models) contenders.push_back(read_contender(model));
    for (int seed = 1; random && seed <= arguments.random_seeds; ++seed) {
        contenders.push_back(
            random_contender(contenders[0].model, static_cast<std::uint64_t>(seed)));
    }
    return contenders;
}

std::string recipes_table(const std::vector<Contender>& contenders) {
    HtmlTable table;
    table.caption = "Each encoder runs at its own recipe.";
    table.columns = {
        {"Encoder"}, {"Architecture"}, {"Parameters", true}, {"Recipe"}, {"Pretrained on"}};
    for (const auto& [name, model] : contenders) {
        table.rows.push_back({name, model.architecture, fmt::format("{}", model_parameters(model)),
                              recipe_text(model.recipe),
                              model.provenance.value("cohort", std::string("nothing"))});
    }
    return html_table(table);
}

std::string report_of(const Probing& probing, const std::vector<Contender>& contenders,
                      const EmbeddedCohort& embedded) {
    HtmlPage page("Linear probes",
                  fmt::format("{} encoders on {} recordings of {}", contenders.size(),
                              embedded.cohort.rows.size(), embedded.cohort.source));
    for (std::size_t t = 0; t < probing.tasks.size(); ++t) {
        ProbeSection section;
        for (const ProbeResult& result : probing.results[t]) section.results.push_back(&result);
        section.compared = false;
        page.add_section(probing.tasks[t].title, probe_section(section));
    }
    if (!probing.paired.empty()) page.add_section("Paired differences", paired_table(probing));
    page.add_section("Encoders", recipes_table(contenders));
    page.set_footer(fmt::format("clef {}", CLEF_VERSION));
    return page.html();
}

void run_evaluate(const Arguments& arguments) {
    std::vector<Task> tasks;
    for (const std::string& task : arguments.tasks) tasks.push_back(find_task(task));
    EmbedOptions embed = arguments.embed;
    if (embed.leads.empty() && tasks[0].lead) embed.leads = {*tasks[0].lead};
    const std::vector<Contender> contenders = contenders_of(arguments);
    const std::vector<std::filesystem::path> tables(arguments.cohorts.begin(),
                                                    arguments.cohorts.end());
    const Cohort cohort = read_cohorts(tables, arguments.embed.skip_bad);
    refuse_leaks(cohort);

    const EmbeddedCohort embedded = embed_contenders(cohort, contenders, embed);
    const Probing probing = probe_contenders(embedded, contenders, tasks, arguments.probe);

    const std::filesystem::path folder = arguments.output;
    const nlohmann::json json = probing_json(probing, contenders);
    make_folder(folder);
    write_file(folder / "results.json", json.dump(2) + "\n");
    write_file(folder / "report.html", report_of(probing, contenders, embedded));
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        write_predictions(probing.results[t][0], rows_of(apply_split(embedded.cohort, tasks[t])),
                          make_targets(embedded.cohort, tasks[t]),
                          folder / fmt::format("predictions-{}.csv", tasks[t].name));
    }
    write_skipped(embedded.skipped, folder / "skipped.csv");
    if (arguments.json) {
        print_json(json);
    } else {
        fmt::print("{}{}\n", probing_text(probing), (folder / "report.html").string());
    }
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("evaluate", "Linear probes of encoders on tasks");
    command
        ->add_option("--cohort", arguments->cohorts,
                     "the cohort table with the tasks' label columns; several are joined")
        ->required();
    command
        ->add_option("--task", arguments->tasks,
                     "a task by name, or its TOML file; several allowed")
        ->required();
    command
        ->add_option(
            "--model", arguments->models,
            "a model file, or NAME=FILE; several allowed: the first is compared with the others")
        ->required();
    command
        ->add_option("--protocol", arguments->protocols,
                     "probe; random: the same encoder with random weights beside it")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--random-seeds", arguments->random_seeds, "how many random encoders")
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    command->add_option("--lead", arguments->embed.leads,
                        "lead by name (default: the task's, else the model's)");
    command->add_flag("--pad", arguments->embed.pad_short,
                      "zeros behind recordings shorter than a window");
    command->add_flag("--skip-bad", arguments->embed.skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    command->add_option("--seed", arguments->probe.scoring.bootstrap.seed, "of the bootstrap");
    command->add_option("--threads", arguments->embed.threads, "0: all processors");
    command
        ->add_option("-o,--output", arguments->output,
                     "folder for results.json, predictions-TASK.csv, report.html")
        ->required();
    command->add_flag("--json", arguments->json, "results.json on standard output");
    command->footer(
        "Example: clef evaluate --cohort ptbxl.csv --task ptbxl-superdiagnostic "
        "--model clef=run/model.safetensors -o results");
    command->callback([arguments] { run_evaluate(*arguments); });
}

}  // namespace clef
