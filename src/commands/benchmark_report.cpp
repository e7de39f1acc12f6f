#include "commands/benchmark_report.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "commands/output.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/report/rank_chart.hpp"

namespace clef {
namespace {

constexpr int places_of_table = 3;

// The mean over the seeds, and the interval of that mean over the same resamples.
Benchmark::Cell cell_of(const SeedGroup& group) {
    Benchmark::Cell cell;
    cell.seeds = group.results.size();
    const double share = 1 / static_cast<double>(cell.seeds);
    std::vector<double> draws;
    for (const TaskResult* result : group.results) {
        const std::size_t column = result->scores.metric_index(result->task.metric);
        const Bootstrap& bootstrap = result->scores.bootstrap;
        cell.value += share * bootstrap.estimates[column];
        draws.resize(bootstrap.draws.rows, 0);
        for (std::size_t r = 0; r < draws.size(); ++r) {
            draws[r] += share * bootstrap.draws.at(r, column);
        }
    }
    cell.interval = percentile_interval(draws, group.results[0]->scores.options.confidence);
    return cell;
}

std::string cell_text(const Benchmark::Cell& cell) {
    if (cell.seeds == 0 || std::isnan(cell.value)) return "–";
    const int places = std::abs(cell.value) < 2 ? places_of_table : 2;
    std::string text = format_number(cell.value, places);
    if (cell.interval.low) {
        text += fmt::format(" ({}–{})", format_number(*cell.interval.low, places),
                            format_number(*cell.interval.high, places));
    }
    return text;
}

void fill_table(Benchmark& benchmark) {
    const std::size_t tasks = benchmark.outcome.tasks.size();
    for (std::size_t t = 0; t < tasks; ++t) {
        for (const SeedGroup& group : seed_groups(benchmark.outcome.results[t])) {
            if (group.fraction < 1) continue;
            auto it = std::find(benchmark.methods.begin(), benchmark.methods.end(), group.name);
            if (it == benchmark.methods.end()) {
                benchmark.methods.push_back(group.name);
                benchmark.cells.emplace_back(tasks);
                it = benchmark.methods.end() - 1;
            }
            benchmark.cells[static_cast<std::size_t>(it - benchmark.methods.begin())][t] =
                cell_of(group);
        }
    }
}

// The mean predictor is left out: it has no rank to dispute.
void rank_methods(Benchmark& benchmark) {
    const auto& tasks = benchmark.outcome.tasks;
    for (std::size_t m = 0; m < benchmark.methods.size(); ++m) {
        if (benchmark.methods[m] != "mean predictor") benchmark.ranked.push_back(m);
    }
    std::vector<std::size_t> complete;
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        const bool all =
            std::all_of(benchmark.ranked.begin(), benchmark.ranked.end(), [&](std::size_t m) {
                const Benchmark::Cell& cell = benchmark.cells[m][t];
                return cell.seeds > 0 && std::isfinite(cell.value);
            });
        if (!all) continue;
        complete.push_back(t);
        benchmark.ranked_tasks.push_back(tasks[t].name);
    }
    if (complete.size() < 2 || benchmark.ranked.size() < 2) return;
    Matrix scores(complete.size(), benchmark.ranked.size());
    for (std::size_t i = 0; i < complete.size(); ++i) {
        const double sign = higher_is_better(tasks[complete[i]].metric) ? 1 : -1;
        for (std::size_t k = 0; k < benchmark.ranked.size(); ++k) {
            scores.at(i, k) = sign * benchmark.cells[benchmark.ranked[k]][complete[i]].value;
        }
    }
    benchmark.ranks = compare_ranks(scores);
}

std::vector<std::string> ranked_names(const Benchmark& benchmark) {
    std::vector<std::string> names;
    for (const std::size_t method : benchmark.ranked) names.push_back(benchmark.methods[method]);
    return names;
}

std::string table_section(const Benchmark& benchmark) {
    HtmlTable table;
    table.caption =
        "The task's metric with its 95 % interval over the test patients; means over the seeds. "
        "All of the training labels.";
    table.columns.push_back({"Method"});
    for (const Task& task : benchmark.outcome.tasks) {
        table.columns.push_back(
            {fmt::format("{}: {}", task.name, metric_title(task.metric, task)), true});
    }
    for (std::size_t m = 0; m < benchmark.methods.size(); ++m) {
        std::vector<std::string> row = {benchmark.methods[m]};
        for (const Benchmark::Cell& cell : benchmark.cells[m]) row.push_back(cell_text(cell));
        table.rows.push_back(std::move(row));
    }
    return html_table(table);
}

std::string rank_section(const Benchmark& benchmark) {
    if (!benchmark.ranks) {
        return html_paragraph("Ranks need two methods and two tasks that all methods have.");
    }
    const RankComparison& ranks = *benchmark.ranks;
    return html_figure(
               rank_chart(ranks, ranked_names(benchmark)),
               "Mean ranks over the tasks, 1 is best; a bar joins methods closer than Nemenyi's "
               "critical difference (Demšar, JMLR 7, 2006).",
               true) +
           html_paragraph(fmt::format(
               "Friedman's test over {} tasks and {} methods: χ² {} with {} degrees of freedom, "
               "p {}. {}",
               ranks.tasks, ranks.ranks.size(), format_number(ranks.chi_squared, 2),
               ranks.ranks.size() - 1, p_value_text(ranks.p_value),
               ranks.p_value < ranks.significance
                   ? "The methods differ."
                   : "No difference between the methods is shown: the bars are not to be read.")) +
           html_remark(
               "Tasks on the same recordings are not independent, which the test "
               "supposes; the paired differences are the finer instrument.");
}

}  // namespace

void finish_benchmark(Benchmark& benchmark) {
    benchmark.plan.tasks = benchmark.outcome.tasks;
    benchmark.outcome.paired = paired_differences(benchmark.plan, benchmark.outcome.results);
    fill_table(benchmark);
    rank_methods(benchmark);
}

nlohmann::json benchmark_json(const Benchmark& benchmark) {
    nlohmann::json json = evaluation_json(benchmark.outcome, benchmark.plan.contenders);
    json["schema"] = "clef.benchmark";
    json["title"] = benchmark.title;
    json["table"] = nlohmann::json::array();
    for (std::size_t m = 0; m < benchmark.methods.size(); ++m) {
        for (std::size_t t = 0; t < benchmark.outcome.tasks.size(); ++t) {
            const Benchmark::Cell& cell = benchmark.cells[m][t];
            if (cell.seeds == 0) continue;
            const auto number = [](std::optional<double> value) {
                return value && std::isfinite(*value) ? nlohmann::json(*value)
                                                      : nlohmann::json(nullptr);
            };
            json["table"].push_back({{"method", benchmark.methods[m]},
                                     {"task", benchmark.outcome.tasks[t].name},
                                     {"metric", benchmark.outcome.tasks[t].metric},
                                     {"seeds", cell.seeds},
                                     {"value", number(cell.value)},
                                     {"low", number(cell.interval.low)},
                                     {"high", number(cell.interval.high)}});
        }
    }
    json["ranks"] = nullptr;
    if (benchmark.ranks) {
        json["ranks"] = {{"tasks", benchmark.ranked_tasks},
                         {"methods", ranked_names(benchmark)},
                         {"mean_ranks", benchmark.ranks->ranks},
                         {"friedman_chi_squared", benchmark.ranks->chi_squared},
                         {"friedman_p", benchmark.ranks->p_value},
                         {"nemenyi_critical_difference", benchmark.ranks->critical_difference},
                         {"significance", benchmark.ranks->significance}};
    }
    return json;
}

std::string benchmark_text(const Benchmark& benchmark) {
    std::string text = evaluation_text(benchmark.outcome);
    if (!benchmark.ranks) return text;
    text += fmt::format("mean ranks over {} tasks (Friedman p {}, critical difference {})\n",
                        benchmark.ranks->tasks, p_value_text(benchmark.ranks->p_value),
                        format_number(benchmark.ranks->critical_difference, 2));
    const auto names = ranked_names(benchmark);
    for (std::size_t k = 0; k < names.size(); ++k) {
        text += fmt::format("  {:<44} {}\n", names[k], format_number(benchmark.ranks->ranks[k], 2));
    }
    return text;
}

std::string benchmark_page(const Benchmark& benchmark) {
    HtmlPage page(benchmark.title, fmt::format("{} methods on {} tasks", benchmark.methods.size(),
                                               benchmark.outcome.tasks.size()));
    page.add_section("All tasks", table_section(benchmark));
    page.add_section("Ranks", rank_section(benchmark));
    if (!benchmark.outcome.paired.empty()) {
        page.add_section("Paired differences", paired_table(benchmark.outcome.paired));
    }
    for (const auto& [title, html] : benchmark.sections) page.add_section(title, html);
    page.add_section("Encoders", encoders_section(benchmark.plan));
    page.add_section("Contamination ledger", benchmark.ledgers);
    std::string run = html_paragraph(command_line());
    for (const std::string& remark : benchmark.outcome.remarks) run += html_remark(remark);
    page.add_section("This run", run);
    page.set_footer(fmt::format("clef {}", CLEF_VERSION));
    return page.html();
}

}  // namespace clef
