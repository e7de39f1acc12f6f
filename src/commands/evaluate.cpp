// clef evaluate: encoders on tasks by several protocols, with intervals, baselines and paired
// differences.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "cohort/read_cohorts.hpp"
#include "commands/commands.hpp"
#include "commands/evaluation_options.hpp"
#include "commands/evaluation_report.hpp"
#include "commands/output.hpp"
#include "evaluation/headed_model.hpp"

namespace clef {

namespace {

struct Arguments {
    std::vector<std::string> cohorts;
    std::vector<std::string> tasks;
    std::vector<std::string> models;
    EvaluationPlan plan;
    std::string output;
    bool save_heads = false;
    bool json = false;
};

// A name as part of a file's name.
std::string file_name(std::string text) {
    for (char& c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '-';
    }
    return text;
}

// One lead for all tasks, or the encoders' own.
void choose_lead(EvaluationPlan& plan) {
    if (!plan.embed.leads.empty()) return;
    for (const Task& task : plan.tasks) {
        if (task.lead == plan.tasks[0].lead) continue;
        fail_input(
            "tasks {} and {} are of different leads ({} and {}): evaluate them one by one, or give "
            "--lead for both",
            plan.tasks[0].name, task.name, plan.tasks[0].lead.value_or("the encoder's own"),
            task.lead.value_or("the encoder's own"));
    }
    if (plan.tasks[0].lead) plan.embed.leads = {*plan.tasks[0].lead};
}

// The probe's and fine-tuned heads of all labels, first seed.
void save_head(const EvaluationPlan& plan, const EvaluationUnit& unit, const TaskResult& result,
               const std::filesystem::path& folder) {
    const bool has_head = unit.protocol == "probe" || unit.protocol == "finetune";
    if (!has_head || unit.fraction < 1 || unit.seed != plan.seeds.front()) return;
    Model model = headed_model(plan.contenders[unit.contender].model, result);
    if (plan.embed.leads.size() == model.recipe.leads.size()) model.recipe.leads = plan.embed.leads;
    make_folder(folder);
    write_model(model, folder / fmt::format("{}-{}-{}.safetensors", result.task.name,
                                            file_name(result.model), result.protocol));
}

void run_evaluate(Arguments& arguments) {
    EvaluationPlan& plan = arguments.plan;
    settle_protocol_options(plan);
    for (const std::string& task : arguments.tasks) plan.tasks.push_back(find_task(task));
    choose_lead(plan);
    for (const std::string& model : arguments.models) {
        plan.contenders.push_back(read_contender(model));
    }
    add_baselines(plan);
    const std::vector<std::filesystem::path> tables(arguments.cohorts.begin(),
                                                    arguments.cohorts.end());
    const Cohort cohort = read_cohorts(tables, plan.embed.skip_bad);
    refuse_leaks(cohort);
    check_tasks(plan, cohort);
    std::vector<Recipe> recipes;
    for (const Contender& contender : plan.contenders) recipes.push_back(contender.model.recipe);
    CohortInputs inputs(cohort, recipes, plan.embed, plan.most_windows);

    const std::filesystem::path folder = arguments.output;
    ResultStore store;
    if (arguments.save_heads) {
        store.save = [&](const EvaluationUnit& unit, const TaskResult& result) {
            save_head(plan, unit, result, folder / "heads");
        };
    }
    const EvaluationOutcome outcome = run_evaluation(plan, inputs, store);
    for (const std::string& remark : outcome.remarks) warn(remark);
    const nlohmann::json json = evaluation_json(outcome, plan.contenders);
    make_folder(folder);
    write_file(folder / "results.json", json.dump(2) + "\n");
    write_all_predictions(outcome, inputs.cohort(), folder / "predictions.csv");
    write_file(folder / "report.html", evaluation_report(plan, outcome, inputs));
    write_skipped(inputs.skipped(), folder / "skipped.csv");
    if (arguments.json) {
        print_json(json);
    } else {
        fmt::print("{}{}\n", evaluation_text(outcome), (folder / "report.html").string());
    }
}

void add_what(CLI::App& command, Arguments& arguments) {
    command
        .add_option("--cohort", arguments.cohorts,
                    "the cohort table with the tasks' label columns; several are joined")
        ->required();
    command
        .add_option("--task", arguments.tasks, "a task by name, or its TOML file; several allowed")
        ->required();
    command
        .add_option("--model", arguments.models,
                    "a model file, or NAME=FILE; several allowed: the first is compared with the "
                    "others")
        ->required();
    command
        .add_option("--protocol", arguments.plan.protocols,
                    "probe, attention-pool, finetune; baselines: random, scratch, mean")
        ->delimiter(',')
        ->capture_default_str();
    command
        .add_option("--label-fraction", arguments.plan.fractions,
                    "shares of the training patients, such as 0.01,0.1,1")
        ->delimiter(',')
        ->capture_default_str();
    command
        .add_option("--seeds", arguments.plan.seeds,
                    "of everything drawn: weights, order, patients of a fraction")
        ->delimiter(',')
        ->capture_default_str();
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        app.add_subcommand("evaluate", "Encoders on tasks: probes, fine-tuning, baselines");
    add_what(*command, *arguments);
    command->add_option("--lead", arguments->plan.embed.leads,
                        "lead by name (default: the task's, else the model's)");
    command->add_option("--lead-as", arguments->plan.embed.leads_as,
                        "what each --lead is to an encoder that knows twelve by name, where it is "
                        "called something else: --lead ECG --lead-as I");
    command->add_flag("--pad", arguments->plan.embed.pad_short,
                      "fill up recordings shorter than a window as the model's recipe says");
    command->add_flag("--skip-bad", arguments->plan.embed.skip_bad,
                      "leave out recordings that cannot be used and list them in skipped.csv");
    add_protocol_options(*command, arguments->plan);
    command->add_flag("--save-heads", arguments->save_heads,
                      "write each probe's and fine-tuned head as a model file for `clef predict`");
    command
        ->add_option("-o,--output", arguments->output,
                     "folder for results.json, predictions.csv, report.html, heads/")
        ->required();
    command->add_flag("--json", arguments->json, "results.json on standard output");
    command->footer(
        "Example: clef evaluate --cohort ptbxl.csv --task ptbxl-superdiagnostic "
        "--model clef=run/model.safetensors --protocol probe,finetune,scratch,random -o results");
    command->callback([arguments] { run_evaluate(*arguments); });
}

}  // namespace clef
