#include "commands/probing.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/results_json.hpp"
#include "generated_tasks.hpp"

namespace clef {

namespace {

constexpr std::string_view random_name = "random weights";

bool is_random(const ProbeResult& result) {
    return result.model.starts_with(random_name);
}

// The metric's value and bootstrap draws, averaged over several results of the same resamples.
struct Draws {
    double estimate = 0;
    std::vector<double> values;
};

Draws draws_of(const std::vector<const ProbeResult*>& results, const std::string& metric) {
    Draws draws;
    const double share = 1.0 / static_cast<double>(results.size());
    for (const ProbeResult* result : results) {
        const std::size_t column = result->scores.metric_index(metric);
        const Matrix& all = result->scores.bootstrap.draws;
        draws.values.resize(all.rows, 0.0);
        draws.estimate += share * result->scores.bootstrap.estimates[column];
        for (std::size_t r = 0; r < all.rows; ++r) draws.values[r] += share * all.at(r, column);
    }
    return draws;
}

Paired compare(const Task& task, const ProbeResult& first, const std::string& second_name,
               const std::vector<const ProbeResult*>& second) {
    const Draws a = draws_of({&first}, task.metric);
    const Draws b = draws_of(second, task.metric);
    return {task.name,
            task.metric,
            first.model,
            second_name,
            paired_difference(a.estimate, b.estimate, a.values, b.values,
                              first.scores.options.confidence),
            std::nullopt};
}

std::vector<Paired> compare_all(const Task& task, const std::vector<ProbeResult>& results) {
    std::vector<Paired> paired;
    std::vector<const ProbeResult*> random;
    for (std::size_t i = 1; i < results.size(); ++i) {
        if (results[i].protocol == "mean") continue;
        if (is_random(results[i])) {
            random.push_back(&results[i]);
        } else {
            paired.push_back(compare(task, results[0], results[i].model, {&results[i]}));
        }
    }
    if (!random.empty() && !is_random(results[0])) {
        const std::string name =
            random.size() == 1 ? random[0]->model
                               : fmt::format("{}, mean of {} seeds", random_name, random.size());
        paired.push_back(compare(task, results[0], name, random));
    }
    return paired;
}

void correct_for_number(std::vector<Paired>& paired) {
    std::vector<double> p_values;
    for (const Paired& row : paired) {
        if (row.difference.p_value) p_values.push_back(*row.difference.p_value);
    }
    const std::vector<double> adjusted = holm(p_values);
    std::size_t next = 0;
    for (Paired& row : paired) {
        if (row.difference.p_value) row.adjusted_p = adjusted[next++];
    }
}

Cohort kept_rows(const Cohort& cohort, const Embeddings& embeddings) {
    Cohort kept = cohort;
    kept.rows.clear();
    for (const EmbeddingRow& row : embeddings.rows)
        kept.rows.push_back(cohort.rows[row.cohort_row]);
    return kept;
}

// Values smaller than a few units (risk) need more decimals than years.
int decimals(double value) {
    return std::abs(value) < 2 ? 3 : 2;
}

}  // namespace

Contender random_contender(const Model& like, std::uint64_t seed) {
    Model model = random_model(like.architecture, model_input_leads(like), seed);
    model.recipe = like.recipe;
    return {fmt::format("{}, seed {}", random_name, seed), std::move(model)};
}

EmbeddedCohort embed_contenders(const Cohort& cohort, const std::vector<Contender>& contenders,
                                const EmbedOptions& options) {
    EmbeddedCohort result;
    EmbedOptions one_each = options;
    one_each.mean = true;
    for (const Contender& contender : contenders) {
        const Session session(contender.model);
        const Embeddings embeddings =
            embed_cohort(cohort, session, Preprocessor(contender.model.recipe), one_each);
        if (result.embeddings.empty()) {
            result.cohort = kept_rows(cohort, embeddings);
            result.skipped = embeddings.skipped;
        } else if (embeddings.rows.size() != result.cohort.rows.size()) {
            fail_input(
                "{} can embed {} of the recordings, {} can embed {}: compare encoders on "
                "recordings "
                "that all of them can use",
                contenders[0].name, result.cohort.rows.size(), contender.name,
                embeddings.rows.size());
        }
        FloatMatrix matrix;
        matrix.rows = embeddings.rows.size();
        matrix.columns = embeddings.dimensions;
        matrix.values = embeddings.values;
        result.embeddings.push_back(std::move(matrix));
    }
    return result;
}

Probing probe_contenders(const EmbeddedCohort& embedded, const std::vector<Contender>& contenders,
                         const std::vector<Task>& tasks, const ProbeOptions& options) {
    Probing probing;
    probing.tasks = tasks;
    Progress progress("probing", tasks.size() * contenders.size(), "probes");
    for (const Task& task : tasks) {
        const EvaluationRows rows = rows_of(apply_split(embedded.cohort, task));
        const Targets targets = make_targets(embedded.cohort, task);
        std::vector<ProbeResult> results;
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            results.push_back(linear_probe(embedded.embeddings[i], rows, task, targets, options));
            results.back().model = contenders[i].name;
            progress.add();
        }
        results.push_back(mean_baseline(rows, task, targets, options.scoring));
        results.back().model = "mean predictor";
        const auto paired = compare_all(task, results);
        probing.paired.insert(probing.paired.end(), paired.begin(), paired.end());
        probing.results.push_back(std::move(results));
    }
    correct_for_number(probing.paired);
    return probing;
}

Task find_task(const std::string& name_or_path) {
    std::vector<std::string> names;
    for (const auto& [name, text] : embedded_tasks()) {
        if (name == name_or_path) return parse_task(text, fmt::format("task {}", name));
        names.push_back(name);
    }
    if (std::filesystem::exists(name_or_path)) return read_task(name_or_path);
    fail_input("'{}' is neither a task nor a file.{}", name_or_path,
               suggestion(name_or_path, names));
}

std::string paired_table(const Probing& probing) {
    HtmlTable table;
    table.caption = fmt::format(
        "First encoder less second, paired over the same resamples of the test patients; p "
        "two-sided, "
        "corrected for {} comparisons (Holm). For an error (MAE) below zero is better.",
        probing.paired.size());
    table.columns = {{"Task"},   {"Metric"}, {"First"}, {"Second"}, {"Difference (95 %)", true},
                     {"p", true}};
    for (const Paired& row : probing.paired) {
        const int places = decimals(row.difference.difference);
        std::string text = format_number(row.difference.difference, places);
        if (row.difference.interval.low) {
            text += fmt::format(" ({} to {})", format_number(*row.difference.interval.low, places),
                                format_number(*row.difference.interval.high, places));
        }
        table.rows.push_back({row.task, row.metric, row.first, row.second, text,
                              row.adjusted_p ? p_value_text(*row.adjusted_p) : "–"});
    }
    return html_table(table);
}

nlohmann::json probing_json(const Probing& probing, const std::vector<Contender>& contenders) {
    nlohmann::json json = {{"schema", "clef.probing"}, {"version", 1}, {"program", CLEF_VERSION}};
    for (const Contender& contender : contenders) {
        json["models"].push_back({{"name", contender.name},
                                  {"architecture", contender.model.architecture},
                                  {"parameters", model_parameters(contender.model)},
                                  {"recipe", recipe_json(contender.model.recipe)},
                                  {"provenance", contender.model.provenance}});
    }
    for (const auto& results : probing.results) {
        for (const ProbeResult& result : results) json["results"].push_back(result_json(result));
    }
    json["paired"] = nlohmann::json::array();
    for (const Paired& row : probing.paired) {
        nlohmann::json entry = comparison_json({row.metric, row.difference, row.adjusted_p});
        entry["task"] = row.task;
        entry["first"] = row.first;
        entry["second"] = row.second;
        json["paired"].push_back(std::move(entry));
    }
    return json;
}

std::string probing_text(const Probing& probing) {
    std::string text;
    for (std::size_t t = 0; t < probing.tasks.size(); ++t) {
        const Task& task = probing.tasks[t];
        text +=
            fmt::format("{} ({}, {} test recordings)\n", task.title,
                        metric_title(task.metric, task), probing.results[t][0].scores.test_rows);
        for (const ProbeResult& result : probing.results[t]) {
            const MetricResult& metric = result.scores.metric(task.metric);
            const int places = metric.value ? decimals(*metric.value) : 3;
            text +=
                fmt::format("  {:<32} {}\n", result.model, metric_with_interval(metric, places));
        }
        for (const Paired& row : probing.paired) {
            if (row.task != task.name) continue;
            const int places = decimals(row.difference.difference);
            text += fmt::format("  {} − {}: {} ({} to {}), p {}\n", row.first, row.second,
                                format_number(row.difference.difference, places),
                                format_number(row.difference.interval.low.value_or(NAN), places),
                                format_number(row.difference.interval.high.value_or(NAN), places),
                                row.adjusted_p ? p_value_text(*row.adjusted_p) : "–");
        }
    }
    return text;
}

}  // namespace clef
