#include "commands/evaluation_run.hpp"

#include <algorithm>
#include <chrono>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "commands/fine_tuning.hpp"
#include "generated_tasks.hpp"

namespace clef {
namespace {

bool same_kind(const Model& a, const Model& b) {
    return a.architecture == b.architecture && model_config(a) == model_config(b) &&
           a.recipe == b.recipe;
}

// The given encoders that differ in architecture or recipe from all before them.
std::vector<std::size_t> kinds_of(const std::vector<Contender>& contenders) {
    std::vector<std::size_t> kinds;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        if (contenders[i].random) continue;
        const bool known = std::any_of(kinds.begin(), kinds.end(), [&](std::size_t k) {
            return same_kind(contenders[k].model, contenders[i].model);
        });
        if (!known) kinds.push_back(i);
    }
    return kinds;
}

// "random weights", and of which architecture where there are several, and of which recipe where
// that does not tell them apart.
std::string baseline_name(const char* name, const std::vector<Contender>& contenders,
                          const Model& model) {
    const std::vector<std::size_t> kinds = kinds_of(contenders);
    if (kinds.size() < 2) return name;
    const auto alike = std::count_if(kinds.begin(), kinds.end(), [&](std::size_t kind) {
        return contenders[kind].model.architecture == model.architecture;
    });
    if (alike < 2) return fmt::format("{} ({})", name, model.architecture);
    return fmt::format("{} ({}, {})", name, model.architecture, recipe_title(model.recipe));
}

TaskResult fine_tuned(const EvaluationPlan& plan, const EvaluationUnit& unit,
                      const EvaluationRows& rows, const Targets& targets, CohortInputs& inputs) {
    const Contender& like = plan.contenders[unit.contender];
    FineTuneOptions options = plan.fine_tune;
    options.train_fraction = unit.fraction;
    options.steps.seed = unit.seed;
    std::optional<Contender> drawn;
    if (unit.protocol == "scratch") drawn = random_contender(like.model, unit.seed);
    const Model& model = drawn ? drawn->model : like.model;
    TaskResult result = fine_tune_encoder(model, inputs.windows(model.recipe), rows,
                                          plan.tasks[unit.task], targets, options);
    result.protocol = unit.protocol;
    result.model = unit.protocol == "scratch"
                       ? baseline_name("trained from scratch", plan.contenders, model)
                       : like.name;
    return result;
}

TaskResult run_unit(const EvaluationPlan& plan, const EvaluationUnit& unit,
                    const EvaluationRows& rows, const Targets& targets, CohortInputs& inputs) {
    const Task& task = plan.tasks[unit.task];
    if (unit.protocol == "mean") {
        return mean_baseline(rows, task, targets, plan.probe.scoring, unit.fraction, unit.seed);
    }
    if (unit.protocol == "finetune" || unit.protocol == "scratch") {
        return fine_tuned(plan, unit, rows, targets, inputs);
    }
    const Contender& contender = plan.contenders[unit.contender];
    TaskResult result;
    if (unit.protocol == "attention-pool") {
        AttentionPoolOptions options = plan.attention;
        options.train_fraction = unit.fraction;
        options.steps.seed = unit.seed;
        result = attention_pool(inputs.time_steps(contender), rows, task, targets, options);
    } else {
        ProbeOptions options = plan.probe;
        options.train_fraction = unit.fraction;
        options.seed = unit.seed;
        result = linear_probe(inputs.embeddings(contender), rows, task, targets, options);
        result.protocol = unit.protocol;
    }
    result.model = contender.random
                       ? baseline_name("random weights", plan.contenders, contender.model)
                       : contender.name;
    return result;
}

// What is large and kept for one encoder at a time is made once when units of one encoder and
// protocol follow each other, whatever their task.
std::vector<std::size_t> economical_order(const EvaluationPlan& plan,
                                          const std::vector<EvaluationUnit>& units) {
    std::vector<std::size_t> order(units.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto key = [&](std::size_t i) {
        const EvaluationUnit& unit = units[i];
        const bool windows = unit.protocol == "finetune" || unit.protocol == "scratch";
        const std::string recipe =
            windows ? recipe_text(plan.contenders[unit.contender].model.recipe) : "";
        return std::tuple(windows, recipe, unit.contender);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return order;
}

}  // namespace

bool EvaluationPlan::has(const std::string& protocol) const {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

void add_baselines(EvaluationPlan& plan) {
    const auto& known = known_protocols();
    if (plan.protocols.empty()) fail_input("no protocol given");
    for (const std::string& protocol : plan.protocols) {
        if (std::find(known.begin(), known.end(), protocol) == known.end()) {
            fail_input("--protocol {}: not known.{}", protocol, suggestion(protocol, known));
        }
    }
    for (const double fraction : plan.fractions) {
        if (!(fraction > 0 && fraction <= 1)) {
            fail_input("--label-fraction {}: expected numbers above 0 and at most 1", fraction);
        }
    }
    if (plan.fractions.empty() || plan.seeds.empty()) fail_input("no label fraction or seed given");
    std::sort(plan.fractions.begin(), plan.fractions.end());
    plan.fractions.erase(std::unique(plan.fractions.begin(), plan.fractions.end()),
                         plan.fractions.end());
    std::sort(plan.seeds.begin(), plan.seeds.end());
    plan.seeds.erase(std::unique(plan.seeds.begin(), plan.seeds.end()), plan.seeds.end());
    if (!plan.has("random")) return;
    for (const std::size_t kind : kinds_of(plan.contenders)) {
        for (int seed = 1; seed <= plan.random_seeds; ++seed) {
            plan.contenders.push_back(
                random_contender(plan.contenders[kind].model, static_cast<std::uint64_t>(seed)));
        }
    }
}

std::vector<EvaluationUnit> units_of(const EvaluationPlan& plan) {
    std::vector<EvaluationUnit> units;
    const std::vector<std::size_t> kinds = kinds_of(plan.contenders);
    for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
        const auto add = [&](std::size_t contender, const std::string& protocol, bool drawn) {
            for (auto it = plan.fractions.rbegin(); it != plan.fractions.rend(); ++it) {
                for (const std::uint64_t seed : plan.seeds) {
                    units.push_back({task, contender, protocol, *it, seed});
                    if (!drawn && *it == 1) break;  // every seed gives the same
                }
            }
        };
        for (const char* protocol : {"probe", "attention-pool", "finetune"}) {
            if (!plan.has(protocol)) continue;
            for (std::size_t i = 0; i < plan.contenders.size(); ++i) {
                if (plan.contenders[i].random) continue;
                add(i, protocol, std::string_view(protocol) != "probe");
            }
        }
        for (const std::size_t kind : kinds) {
            if (plan.has("scratch")) add(kind, "scratch", true);
        }
        for (std::size_t i = 0; i < plan.contenders.size(); ++i) {
            if (!plan.contenders[i].random) continue;
            for (auto it = plan.fractions.rbegin(); it != plan.fractions.rend(); ++it) {
                units.push_back({task, i, "random", *it, plan.contenders[i].seed});
            }
        }
        if (plan.has("mean")) add(0, "mean", false);
    }
    return units;
}

void check_tasks(const EvaluationPlan& plan, const Cohort& cohort) {
    for (const Task& task : plan.tasks) {
        const EvaluationRows rows = rows_of(apply_split(cohort, task));
        const Targets targets = make_targets(cohort, task);
        refuse_shared_patients(rows);
        for (const char* split : {"train", "val", "test"}) {
            require_rows(answered_rows(rows, targets, split), split, task);
        }
    }
}

EvaluationOutcome run_evaluation(const EvaluationPlan& plan, CohortInputs& inputs,
                                 const ResultStore& store) {
    EvaluationOutcome outcome;
    outcome.tasks = plan.tasks;
    std::vector<EvaluationRows> rows;
    std::vector<Targets> targets;
    for (const Task& task : plan.tasks) {
        rows.push_back(rows_of(apply_split(inputs.cohort(), task)));
        targets.push_back(make_targets(inputs.cohort(), task));
    }
    const std::vector<EvaluationUnit> units = units_of(plan);
    std::vector<std::optional<TaskResult>> found(units.size());
    Progress progress("evaluating", units.size(), "results");
    for (const std::size_t i : economical_order(plan, units)) {
        const EvaluationUnit& unit = units[i];
        if (store.load) found[i] = store.load(unit);
        if (!found[i]) {
            try {
                found[i] = run_unit(plan, unit, rows[unit.task], targets[unit.task], inputs);
            } catch (const InputError& error) {
                if (unit.fraction == 1) throw;
                outcome.remarks.push_back(fmt::format("{}, {} at {:g} % of the labels: {}",
                                                      plan.tasks[unit.task].name, unit.protocol,
                                                      100 * unit.fraction, error.what()));
            }
            if (found[i] && store.save) store.save(unit, *found[i]);
            if (found[i]) found[i]->encoder.reset();  // as large as the model, each
        }
        progress.add();
    }
    outcome.results.resize(plan.tasks.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (found[i]) outcome.results[units[i].task].push_back(std::move(*found[i]));
    }
    outcome.paired = paired_differences(plan, outcome.results);
    return outcome;
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

}  // namespace clef
