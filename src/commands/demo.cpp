// clef demo: the whole job on simulated patients, or on a cohort of one's own, ending in one page.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "clinical/missingness.hpp"
#include "cohort/simulator/simulator.hpp"
#include "commands/commands.hpp"
#include "commands/evaluation_output.hpp"
#include "commands/output.hpp"
#include "evaluation/projection.hpp"
#include "evaluation/report/ecg_strip.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/report/svg_chart.hpp"
#include "formats/ecg_file.hpp"
#include "training/trainer.hpp"

namespace clef {

namespace {

struct Arguments {
    std::string output = "demo";
    std::string cohort;
    std::vector<std::string> tasks;
    std::string config = "quick";
    std::vector<std::string> settings;
    std::string region = "moderate";
    SimulatorOptions simulator;
    bool skip_bad = false;
};

struct Demo {
    bool simulated = true;
    Cohort cohort;
    PretrainOutcome outcome;
    EvaluationPlan plan;
    std::unique_ptr<CohortInputs> inputs;
    EvaluationOutcome evaluation;
    std::string log;  // log.jsonl
};

Cohort demo_cohort(const Arguments& arguments, const std::filesystem::path& folder) {
    if (!arguments.cohort.empty()) return read_cohort(arguments.cohort, arguments.skip_bad);
    note(fmt::format("1/4 simulating {} patients, {} recordings each (a simulation, not data)",
                     arguments.simulator.patients, arguments.simulator.recordings));
    return simulate(arguments.simulator, folder / "cohort");
}

// Fills `risk` and `missing`, where the table has them not, from what is known of the patients.
void add_risk(Cohort& cohort, const std::string& region_name) {
    const auto region = parse_region(region_name);
    if (!region)
        fail_input("--region '{}' is not known. Known: low, moderate, high, very-high",
                   region_name);
    std::vector<RiskFactors> factors;
    for (const CohortRow& row : cohort.rows) factors.push_back(row.factors);
    const CohortRisk risk =
        cohort_risk(factors, *region, MissingStrategy::impute, AgePolicy::clamp);
    std::size_t known = 0;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        CohortRow& row = cohort.rows[i];
        if (!row.risk) row.risk = risk.results[i].risk;
        if (!row.missing) row.missing = risk.missing[i];
        known += row.risk ? 1 : 0;
    }
    note(fmt::format("2/4 SCORE2 risk known for {} of {} recordings", known, cohort.rows.size()));
}

std::vector<Task> demo_tasks(const Arguments& arguments) {
    std::vector<std::string> names = arguments.tasks;
    if (names.empty() && arguments.cohort.empty()) {
        names = {"simulated-diagnosis", "simulated-age", "simulated-risk"};
    }
    if (names.empty()) fail_input("--cohort needs at least one --task to probe");
    std::vector<Task> tasks;
    for (const std::string& name : names) tasks.push_back(find_task(name));
    return tasks;
}

// ---- the page ----

std::string strip_of(const Demo& demo, const CohortRow& row) {
    const Recording recording = read_ecg(demo.cohort.path_of(row));
    std::vector<EcgTrace> traces;
    for (const char* name : {"I", "II", "V2", "V5"}) {
        if (const Lead* lead = recording.find_lead(name))
            traces.push_back({lead->name, lead->samples});
    }
    if (traces.empty()) traces.push_back({recording.leads[0].name, recording.leads[0].samples});
    EcgStripOptions options;
    options.seconds = 6;
    options.in_millivolts = recording.leads[0].in_millivolts;
    const std::string age = row.factors.age ? fmt::format("{:.0f} years", *row.factors.age)
                                            : std::string("age not known");
    const std::string caption =
        fmt::format("{}{}, ten-year risk {}", demo.simulated ? "Simulated patient, " : "", age,
                    row.risk ? fmt::format("{:.1f} %", 100 * *row.risk) : std::string("not known"));
    return html_figure(ecg_strip(traces, recording.sampling_rate, options), caption, true);
}

bool in_score_range(const CohortRow& row) {
    return row.factors.age && *row.factors.age >= score_first_age &&
           *row.factors.age < score_end_age;
}

// The test patients of lowest and of highest risk, of those for whom the score is defined.
std::string strips(const Demo& demo) {
    const CohortRow* lowest = nullptr;
    const CohortRow* highest = nullptr;
    for (const CohortRow& row : demo.inputs->cohort().rows) {
        if (row.split != "test" || !row.risk || !in_score_range(row)) continue;
        if (lowest == nullptr || *row.risk < *lowest->risk) lowest = &row;
        if (highest == nullptr || *row.risk > *highest->risk) highest = &row;
    }
    if (lowest == nullptr) return strip_of(demo, demo.inputs->cohort().rows[0]);
    return strip_of(demo, *lowest) + (highest != lowest ? strip_of(demo, *highest) : "");
}

std::string training_charts(const Demo& demo) {
    LineSeries loss{"loss", {}, {}};
    LineSeries rank{"effective rank", {}, {}};
    std::istringstream lines(demo.log);
    for (std::string line; std::getline(lines, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (!entry.contains("loss")) continue;  // a validation's line
        loss.x.push_back(entry.at("step").get<double>());
        loss.y.push_back(entry.at("loss").get<double>());
        rank.x.push_back(loss.x.back());
        rank.y.push_back(entry.at("effective_rank").get<double>());
    }
    return html_figure(line_chart({"Loss during pretraining", "step", "loss", {loss}}),
                       "Loss of each logged step.") +
           html_figure(
               line_chart({"Effective rank during pretraining", "step", "effective rank", {rank}}),
               "Directions the embeddings of a batch really use; a fall towards 1 would be "
               "collapse.");
}

std::string embedding_map(const Demo& demo) {
    const PrincipalComponents components =
        principal_components(demo.inputs->embeddings(demo.plan.contenders[0]), 2);
    ScatterChart chart;
    chart.title = "Embedding map";
    chart.x_label =
        fmt::format("first principal component ({:.0f} %)", 100 * components.explained_variance[0]);
    chart.y_label = fmt::format("second ({:.0f} %)", 100 * components.explained_variance[1]);
    chart.value_label = "ten-year risk (%)";
    for (std::size_t i = 0; i < components.coordinates.rows; ++i) {
        chart.x.push_back(components.coordinates.at(i, 0));
        chart.y.push_back(components.coordinates.at(i, 1));
        const auto& risk = demo.inputs->cohort().rows[i].risk;
        chart.value.push_back(risk ? 100 * *risk : NAN);
    }
    return html_figure(scatter_chart(chart),
                       "Lead-I embeddings of all recordings by the pretrained encoder; colour: "
                       "risk (grey: not known).");
}

// The result in one breath: the first task, pretrained against the random encoders.
std::string summary(const Demo& demo) {
    const Task& task = demo.evaluation.tasks[0];
    const auto& results = demo.evaluation.results[0];
    double random = 0;
    std::size_t seeds = 0;
    for (const TaskResult& result : results) {
        if (result.protocol != "random") continue;
        random += result.scores.metric(task.metric).value.value_or(NAN);
        ++seeds;
    }
    random /= static_cast<double>(seeds);
    return fmt::format(
        "{} {} recordings, one lead each: an encoder pretrained on the training patients reaches "
        "{} {} "
        "on {}; the same encoder with random weights {} on average of {} seeds.",
        demo.cohort.rows.size(), demo.simulated ? "simulated" : "real",
        metric_title(task.metric, task),
        metric_with_interval(results[0].scores.metric(task.metric)), task.title,
        format_number(random), seeds);
}

std::string demo_page(const Demo& demo, const Arguments& arguments, double seconds) {
    HtmlPage page("What clef does", summary(demo));
    page.add_section(
        "The recordings",
        (demo.simulated
             ? html_paragraph("Simulated with a dipole model of the heart (McSharry 2003, "
                              "Sameni 2007): good to see the program work, no evidence "
                              "about patients.")
             : std::string()) +
            strips(demo));
    page.add_section("Pretraining", training_charts(demo));
    page.add_section("What the encoder sees", embedding_map(demo));
    for (std::size_t t = 0; t < demo.evaluation.tasks.size(); ++t) {
        ProbeSection section;
        for (const TaskResult& result : demo.evaluation.results[t])
            section.results.push_back(&result);
        section.compared = false;
        page.add_section(demo.evaluation.tasks[t].title, probe_section(section));
    }
    page.add_section("Pretrained against random weights", paired_table(demo.evaluation.paired));
    page.set_footer(fmt::format("clef {} · preset {} · {} steps over {} patients · whole demo {}",
                                CLEF_VERSION, arguments.config, demo.outcome.steps,
                                demo.outcome.patients, duration_text(seconds)));
    return page.html();
}

void run_demo(const Arguments& arguments) {
    const auto start = std::chrono::steady_clock::now();
    const std::filesystem::path folder = arguments.output;
    const std::vector<Task> tasks = demo_tasks(arguments);
    PretrainRequest request;
    request.options = read_options(arguments.config, arguments.settings);
    request.folder = folder / "run";
    if (!request.options.probe_task.empty()) {
        request.probe_task = find_task(request.options.probe_task);
    }
    request.skip_bad = arguments.skip_bad;

    Demo demo;
    demo.simulated = arguments.cohort.empty();
    demo.cohort = demo_cohort(arguments, folder);
    refuse_leaks(demo.cohort);
    add_risk(demo.cohort, arguments.region);
    write_cohort(demo.cohort, folder / "cohort-with-risk.csv");

    note(fmt::format("3/4 pretraining {} ({})", request.options.architecture, arguments.config));
    demo.outcome = pretrain(demo.cohort, request);
    demo.log = read_text_file(request.folder / "log.jsonl");
    demo.plan.contenders.push_back(
        {"pretrained", read_model(request.folder / "model.safetensors")});
    demo.plan.tasks = tasks;
    add_baselines(demo.plan);
    note("4/4 embedding and probing, beside three encoders with random weights");
    demo.plan.embed.skip_bad = arguments.skip_bad;
    demo.inputs = std::make_unique<CohortInputs>(
        demo.cohort, std::vector{demo.plan.contenders[0].model.recipe}, demo.plan.embed);
    demo.evaluation = run_evaluation(demo.plan, *demo.inputs);

    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    write_file(folder / "results.json",
               evaluation_json(demo.evaluation, demo.plan.contenders).dump(2) + "\n");
    write_skipped(demo.inputs->skipped(), folder / "skipped.csv");
    write_file(folder / "report.html", demo_page(demo, arguments, elapsed.count()));
    fmt::print("{}\nOpen {} (took {})\n", evaluation_text(demo.evaluation),
               (folder / "report.html").string(), duration_text(elapsed.count()));
}

}  // namespace

void add_demo_command(CLI::App& app) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(
        "demo",
        "Risk, pretraining, embeddings, probes and a report, on simulated patients or a cohort");
    command->add_option("-o,--output", arguments->output, "folder of everything the demo writes")
        ->capture_default_str();
    command->add_option("--cohort", arguments->cohort,
                        "a cohort table instead of simulated patients");
    command->add_option("--task", arguments->tasks, "tasks to probe (needed with --cohort)");
    command->add_option("--config", arguments->config, "pretraining preset or TOML file")
        ->capture_default_str();
    command->add_option("--set", arguments->settings, "change one setting: section.key=value");
    command
        ->add_option("--region", arguments->region,
                     "SCORE2's risk region: low, moderate, high, very-high")
        ->capture_default_str();
    command->add_option("--patients", arguments->simulator.patients, "how many to simulate")
        ->capture_default_str();
    command->add_option("--seed", arguments->simulator.seed, "of the simulation")
        ->capture_default_str();
    command->add_flag("--skip-bad", arguments->skip_bad,
                      "leave out recordings that cannot be used");
    command->footer("Example: clef demo -o demo");
    command->callback([arguments] { run_demo(*arguments); });
}

}  // namespace clef
