// clef benchmark: a suite of encoders × tasks × protocols, resumed where it was interrupted, ending
// in one table, paired differences and a critical-difference diagram.
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cohort/read_cohorts.hpp"
#include "commands/benchmark_report.hpp"
#include "commands/commands.hpp"
#include "commands/evaluation_options.hpp"
#include "commands/fine_tuning.hpp"
#include "commands/output.hpp"
#include "commands/stored_results.hpp"
#include "commands/suite.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string suite;
    std::string folder = ".";
    std::string output;
    unsigned threads = 0;
    bool untrained = false;
    bool available = false;
    bool json = false;
};

std::string file_digest(const std::filesystem::path& path) {
    return sha256(MappedFile(path).bytes());
}

// What is not there and may be missing: said, and kept for the report.
std::vector<std::string> settle_missing(Suite& suite, const Arguments& arguments) {
    std::vector<std::string> remarks;
    if (arguments.available) {
        for (const std::string& line : missing_data(suite)) {
            remarks.push_back("Its tasks are left out: " + line);
        }
        keep_available(suite);
    }
    for (const SuiteItem& item : suite.models) {
        if (!arguments.untrained || item.exists()) continue;
        if (item.architecture.empty()) {
            fail_input("suite {}: model {} has no file and names no architecture to draw at random",
                       suite.name, item.name);
        }
        remarks.push_back(fmt::format(
            "{}: no weights; {} was drawn at random instead. Its numbers are no result.", item.name,
            item.architecture));
    }
    for (const std::string& remark : remarks) note(remark);
    return remarks;
}

// Everything else that is not there, said before anything is computed.
void check_suite(const Suite& suite, const Arguments& arguments) {
    std::vector<std::string> troubles;
    if (!arguments.available) troubles = missing_data(suite);
    if (!arguments.untrained) {
        for (std::string& line : missing_models(suite)) troubles.push_back(std::move(line));
    }
    const EvaluationPlan& plan = suite.plan;
    if ((plan.has("finetune") || plan.has("scratch")) && !can_fine_tune()) {
        troubles.emplace_back("this build has no training: leave out finetune and scratch");
    }
    if (!troubles.empty()) {
        fail_input("suite {}: {} thing{} missing:\n  {}", suite.name, troubles.size(),
                   troubles.size() == 1 ? " is" : "s are", join(troubles, "\n  "));
    }
}

// Tasks that share data, lead and rules of reading are evaluated together.
struct Group {
    std::vector<std::size_t> data;
    EmbedOptions embed;
    std::vector<const SuiteTask*> tasks;
};

std::vector<Group> groups_of(const Suite& suite, unsigned threads) {
    std::vector<Group> groups;
    for (const SuiteTask& task : suite.tasks) {
        const auto same = [&](const Group& group) {
            return group.data == task.data && group.embed.leads == task.leads &&
                   group.embed.leads_as == task.leads_as && group.embed.pad_short == task.pad &&
                   group.embed.skip_bad == task.skip_bad;
        };
        auto it = std::find_if(groups.begin(), groups.end(), same);
        if (it == groups.end()) {
            groups.push_back({task.data, {}, {}});
            it = groups.end() - 1;
            it->embed.leads = task.leads;
            it->embed.leads_as = task.leads_as;
            it->embed.pad_short = task.pad;
            it->embed.skip_bad = task.skip_bad;
            it->embed.threads = threads;
        }
        it->tasks.push_back(&task);
    }
    return groups;
}

Cohort cohort_of(const Suite& suite, const Group& group) {
    std::vector<std::filesystem::path> tables;
    for (const std::size_t data : group.data) tables.push_back(suite.data[data].file);
    Cohort cohort = read_cohorts(tables, group.embed.skip_bad);
    refuse_leaks(cohort);
    return cohort;
}

// What all results of a group depend on, beside their tasks and encoders.
nlohmann::json about_group(const Suite& suite, const Group& group, const EvaluationPlan& plan) {
    nlohmann::json about = {{"program", CLEF_VERSION},
                            {"leads", group.embed.leads},
                            {"leads_as", group.embed.leads_as},
                            {"pad", group.embed.pad_short},
                            {"skip_bad", group.embed.skip_bad},
                            {"epochs", plan.fine_tune.steps.epochs},
                            {"patience", plan.fine_tune.steps.patience},
                            {"batch", plan.fine_tune.steps.batch},
                            {"learning_rate", plan.fine_tune.steps.learning_rate},
                            {"layer_decay", plan.fine_tune.layer_decay},
                            {"crop_seconds", plan.fine_tune.crop_seconds},
                            {"heads", plan.attention.heads},
                            {"windows", plan.most_windows},
                            {"cohorts", nlohmann::json::array()}};
    for (const std::size_t data : group.data) {
        about["cohorts"].push_back(file_digest(suite.data[data].file));
    }
    return about;
}

struct Encoders {
    std::vector<Contender> contenders;  // and the baselines
    std::vector<std::string> digests;   // parallel
};

Contender contender_of(const SuiteItem& item, std::uint64_t seed) {
    if (item.exists()) return {item.name, read_model(item.file)};
    const int leads = find_architecture(item.architecture).leads.front();
    return {item.name + " (random weights)", random_model(item.architecture, leads, seed)};
}

Encoders read_encoders(const Suite& suite) {
    EvaluationPlan plan = suite.plan;
    Encoders encoders;
    std::uint64_t seed = 100;  // the baselines' are 1 and up
    for (const SuiteItem& item : suite.models) {
        plan.contenders.push_back(contender_of(item, ++seed));
        encoders.digests.push_back(item.exists()
                                       ? file_digest(item.file)
                                       : fmt::format("untrained {} {}", item.architecture, seed));
    }
    add_baselines(plan);
    encoders.contenders = std::move(plan.contenders);
    for (std::size_t i = encoders.digests.size(); i < encoders.contenders.size(); ++i) {
        const Contender& one = encoders.contenders[i];
        encoders.digests.push_back(fmt::format("random {} {} {}", one.model.architecture, one.seed,
                                               recipe_json(one.model.recipe).dump()));
    }
    return encoders;
}

void run_group(const Suite& suite, const Group& group, const Encoders& encoders,
               Arguments& arguments, Benchmark& benchmark) {
    EvaluationPlan& plan = benchmark.plan;
    plan.tasks.clear();
    for (const SuiteTask* task : group.tasks) plan.tasks.push_back(task->task);
    plan.embed = group.embed;
    settle_protocol_options(plan);
    const Cohort cohort = cohort_of(suite, group);
    std::vector<Recipe> recipes;
    for (const Contender& contender : plan.contenders) recipes.push_back(contender.model.recipe);
    CohortInputs inputs(cohort, recipes, plan.embed, plan.most_windows);
    const StoredResults stored(std::filesystem::path(arguments.output) / "cells", plan,
                               inputs.cohort(), about_group(suite, group, plan), encoders.digests);
    ResultStore store;
    store.load = [&](const EvaluationUnit& unit) { return stored.load(unit); };
    store.save = [&](const EvaluationUnit& unit, const TaskResult& result) {
        stored.save(unit, result);
    };
    EvaluationOutcome outcome = run_evaluation(plan, inputs, store);
    for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
        benchmark.sections.emplace_back(plan.tasks[t].title, task_report(plan, outcome, t, inputs));
    }
    benchmark.ledgers += ledger_section(plan, inputs.cohort());
    EvaluationOutcome& all = benchmark.outcome;
    std::move(outcome.tasks.begin(), outcome.tasks.end(), std::back_inserter(all.tasks));
    std::move(outcome.results.begin(), outcome.results.end(), std::back_inserter(all.results));
    std::move(outcome.remarks.begin(), outcome.remarks.end(), std::back_inserter(all.remarks));
}

void run_benchmark(Arguments& arguments) {
    Suite suite = read_suite(arguments.suite, arguments.folder);
    check_suite(suite, arguments);
    const std::vector<std::string> remarks = settle_missing(suite, arguments);
    Encoders encoders = read_encoders(suite);
    Benchmark benchmark;
    benchmark.title = suite.title;
    benchmark.plan = suite.plan;
    benchmark.plan.contenders = std::move(encoders.contenders);
    const std::vector<Group> groups = groups_of(suite, arguments.threads);
    for (const Group& group : groups) {  // whatever is wrong, before the first hour
        EvaluationPlan plan;
        for (const SuiteTask* task : group.tasks) plan.tasks.push_back(task->task);
        check_tasks(plan, cohort_of(suite, group));
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
        note(fmt::format("{}/{} {}", g + 1, groups.size(), groups[g].tasks.front()->task.title));
        run_group(suite, groups[g], encoders, arguments, benchmark);
    }
    std::vector<std::string>& said = benchmark.outcome.remarks;
    said.insert(said.begin(), remarks.begin(), remarks.end());
    finish_benchmark(benchmark);
    const std::filesystem::path folder = arguments.output;
    const nlohmann::json json = benchmark_json(benchmark);
    write_file(folder / "results.json", json.dump(2) + "\n");
    write_file(folder / "report.html", benchmark_page(benchmark));
    if (arguments.json) {
        print_json(json);
    } else {
        fmt::print("{}{}\n", benchmark_text(benchmark), (folder / "report.html").string());
    }
}

}  // namespace

void add_benchmark_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("benchmark", "A suite of encoders × tasks × protocols, as one table");
    command->add_option("--suite", arguments->suite, "the suite, a TOML file (docs/tasks.md)")
        ->required();
    command->add_option("--folder", arguments->folder, "what the suite's paths are relative to")
        ->capture_default_str();
    command->add_option("--threads", arguments->threads, "0: all processors");
    command
        ->add_option("-o,--output", arguments->output,
                     "folder for results.json, report.html and what a resumed run goes on from")
        ->required();
    command->add_flag("--available", arguments->available,
                      "leave out the tasks whose data are not there, and say which");
    command->add_flag("--untrained", arguments->untrained,
                      "draw models without a file at random, to try a suite before its weights are "
                      "there");
    command->add_flag("--json", arguments->json, "results.json on standard output");
    command->footer(
        "Run it again to go on after an interruption.\n"
        "Example: clef benchmark --suite configs/suites/here.toml --folder runs/here -o "
        "runs/here/results");
    command->callback([arguments] { run_benchmark(*arguments); });
}

}  // namespace clef
