#include "commands/evaluation_report.hpp"

#include <algorithm>
#include <cmath>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "commands/output.hpp"
#include "evaluation/ledger.hpp"
#include "evaluation/report/curve_section.hpp"
#include "evaluation/report/ecg_strip.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "formats/ecg_file.hpp"

namespace clef {
namespace {

constexpr std::size_t errors_shown = 3;

// The stretch of a recording that was evaluated: its lead, at most ten seconds.
std::string strip_of(const Cohort& cohort, const CohortRow& row, const std::string& lead,
                     const std::string& caption) {
    const std::filesystem::path path = cohort.path_of(row);
    ReadOptions read;
    const double rate = read_ecg_info(path, read).sampling_rate;
    read.from = static_cast<std::uint64_t>(std::llround(row.start_s.value_or(0) * rate));
    const double seconds = std::min(10.0, row.duration_s.value_or(10.0));
    read.to = read.from + static_cast<std::uint64_t>(std::llround(seconds * rate));
    if (!lead.empty()) read.leads = {lead};
    const Recording recording = read_ecg(path, read);
    EcgStripOptions options;
    options.title = caption;
    options.in_millivolts = recording.leads[0].in_millivolts;
    return html_figure(ecg_strip({{recording.leads[0].name, recording.leads[0].samples}},
                                 recording.sampling_rate, options),
                       caption, true);
}

std::string worst_errors(const EvaluationPlan& plan, const TaskResult& result,
                         const EvaluationRows& rows, const Targets& targets, const Cohort& cohort) {
    std::string lead;
    if (!plan.embed.leads.empty()) {
        lead = plan.embed.leads[0];
    } else if (!plan.contenders.empty()) {
        lead = plan.contenders[0].model.recipe.leads[0];
    }
    std::string html;
    for (const RowLoss& one : worst_rows(result, rows, targets, errors_shown)) {
        const CohortRow& row = cohort.rows[one.row];
        const std::string caption =
            fmt::format("{}: {}", row.record, prediction_text(result, targets, one.row));
        try {
            html += strip_of(cohort, row, lead, caption);
        } catch (const InputError& error) {  // moved away since
            html += html_paragraph(caption) + html_remark(error.what());
        }
    }
    return html;
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1000;  // from kB
}

std::string run_section(const EvaluationPlan& plan, const EvaluationOutcome& outcome,
                        const CohortInputs& inputs) {
    const Cohort& cohort = inputs.cohort();
    std::vector<std::string> seeds, fractions;
    for (const auto seed : plan.seeds) seeds.push_back(fmt::format("{}", seed));
    for (const double fraction : plan.fractions) {
        fractions.push_back(fmt::format("{:g} %", 100 * fraction));
    }
    HtmlTable table;
    table.columns = {{"What"}, {"Which"}};
    table.rows = {{"Program", fmt::format("clef {}", CLEF_VERSION)},
                  {"Command", command_line()},
                  {"Cohort", fmt::format("{}: {} recordings used, {} skipped", cohort.source,
                                         cohort.rows.size(), inputs.skipped().size())},
                  {"Protocols", join(plan.protocols, ", ")},
                  {"Seeds", join(seeds, ", ")},
                  {"Label fractions", join(fractions, ", ")},
                  {"Bootstrap", fmt::format("{} resamples of the test patients, seed {}",
                                            plan.probe.scoring.bootstrap.resamples,
                                            plan.probe.scoring.bootstrap.seed)},
                  {"Peak memory", fmt::format("{:.0f} MB", peak_megabytes())},
                  {"Selection",
                   "Settings, epochs and thresholds by the validation rows alone; the "
                   "test rows are scored once."}};
    std::string html = html_table(table);
    for (const std::string& remark : outcome.remarks) html += html_remark(remark);
    return html;
}

}  // namespace

std::string seeds_table(const Task& task, const std::vector<TaskResult>& results) {
    HtmlTable table;
    table.caption = fmt::format("{} over the seeds.", metric_title(task.metric, task));
    table.columns = {{"Result"},       {"Seeds", true},
                     {"Mean", true},   {"Standard deviation", true},
                     {"Lowest", true}, {"Highest", true}};
    for (const SeedGroup& group : seed_groups(results)) {
        if (group.results.size() < 2) continue;
        const Spread spread = group.spread();
        const int places = decimals_for(spread.mean);
        table.rows.push_back({group.name, fmt::format("{}", group.results.size()),
                              format_number(spread.mean, places),
                              spread.deviation ? format_number(*spread.deviation, places) : "–",
                              format_number(spread.minimum, places),
                              format_number(spread.maximum, places)});
    }
    return table.rows.empty() ? "" : html_table(table);
}

std::string encoders_section(const EvaluationPlan& plan) {
    HtmlTable table;
    table.caption = "Each encoder runs at its own recipe.";
    table.columns = {{"Encoder"},
                     {"Architecture"},
                     {"Parameters", true},
                     {"Multiply–adds per window", true},
                     {"Recipe"}};
    for (const Contender& contender : plan.contenders) {
        const Model& model = contender.model;
        table.rows.push_back(
            {contender.full_name(), model.architecture, fmt::format("{}", model_parameters(model)),
             fmt::format("{}", model_multiply_adds(model)), recipe_title(model.recipe)});
    }
    return html_table(table);
}

std::string ledger_section(const EvaluationPlan& plan, const Cohort& cohort) {
    HtmlTable table;
    table.caption =
        "Which of the test's patients the encoder was pretrained on, by the provenance in its "
        "model file.";
    table.columns = {{"Encoder"},
                     {"Pretrained on"},
                     {"Task"},
                     {"Test patients seen", true},
                     {"Test's data sets seen"}};
    for (const Contender& contender : plan.contenders) {
        if (contender.random) continue;
        for (const Task& task : plan.tasks) {
            const Targets targets = make_targets(cohort, task);
            const auto test = answered_rows(rows_of(apply_split(cohort, task)), targets, "test");
            const LedgerEntry entry = check_ledger(contender.model.provenance, cohort, test);
            table.rows.push_back(
                {contender.name, entry.trained_on, task.name,
                 entry.shared_patients
                     ? fmt::format("{} of {}", *entry.shared_patients, entry.test_patients)
                     : fmt::format("not known, of {}", entry.test_patients),
                 entry.shared_data_sets.empty() ? "none named"
                                                : join(entry.shared_data_sets, ", ")});
            table.highlighted.push_back(entry.shared_patients.value_or(0) > 0);
        }
    }
    return html_table(table) +
           html_remark(
               "A test patient who was seen in pretraining, even without an answer, makes "
               "the number optimistic. Random encoders have seen nothing.");
}

std::string task_report(const EvaluationPlan& plan, const EvaluationOutcome& outcome,
                        std::size_t task, const CohortInputs& inputs) {
    const std::vector<TaskResult>& results = outcome.results[task];
    const Cohort& cohort = inputs.cohort();
    const EvaluationRows rows = rows_of(apply_split(cohort, plan.tasks[task]));
    const Targets targets = make_targets(cohort, plan.tasks[task]);
    ProbeSection section;
    section.compared = false;
    for (const TaskResult& result : results) {
        if (result.fraction == plan.fractions.back()) section.results.push_back(&result);
    }
    if (section.results.empty()) return html_paragraph("No result.");
    const TaskResult& first = *section.results.front();
    std::string html = probe_section(section);
    html += seeds_table(plan.tasks[task], results);
    html += label_efficiency_chart(results);
    html +=
        html_heading(fmt::format("Curves: {}", first.name())) + curve_section(first, rows, targets);
    std::string others;
    for (std::size_t k = 1; k < section.results.size(); ++k) {
        const TaskResult& other = *section.results[k];
        if (other.protocol == "mean") continue;
        others += html_heading(other.name()) + curve_section(other, rows, targets);
    }
    if (!others.empty()) html += html_details("Curves of the other results", others);
    return html + html_details(fmt::format("Worst errors of {}", first.name()),
                               worst_errors(plan, first, rows, targets, cohort));
}

std::string evaluation_report(const EvaluationPlan& plan, const EvaluationOutcome& outcome,
                              const CohortInputs& inputs) {
    std::size_t given = 0;
    for (const Contender& contender : plan.contenders) given += contender.random ? 0 : 1;
    HtmlPage page("Evaluation",
                  fmt::format("{} encoder{} on {} recordings of {}", given, given == 1 ? "" : "s",
                              inputs.cohort().rows.size(), inputs.cohort().source));
    for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
        page.add_section(plan.tasks[t].title, task_report(plan, outcome, t, inputs));
    }
    if (!outcome.paired.empty()) {
        page.add_section("Paired differences", paired_table(outcome.paired));
    }
    page.add_section("Encoders", encoders_section(plan));
    page.add_section("Contamination ledger", ledger_section(plan, inputs.cohort()));
    page.add_section("This run", run_section(plan, outcome, inputs));
    page.set_footer(fmt::format("clef {}", CLEF_VERSION));
    return page.html();
}

}  // namespace clef
