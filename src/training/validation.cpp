#include "training/validation.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/probe.hpp"
#include "runtime/embed.hpp"

namespace clef {

namespace {

constexpr std::int64_t most_batches = 16;

WindowStoreOptions held_out(WindowStoreOptions options) {
    options.split = "val";
    return options;
}

PretrainOptions fitting(PretrainOptions options, std::size_t patients) {
    if (patients < 2) {
        fail_input(
            "run.validate_epochs needs at least 2 patients with split 'val'; the cohort has {}",
            patients);
    }
    options.batch = std::min(options.batch, static_cast<int>(patients));
    return options;
}

// The rows of a split that have an answer, at most so many.
std::vector<std::size_t> some_rows(const Cohort& cohort, const Targets& targets,
                                   const std::string& split, std::size_t most) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        if (cohort.rows[i].split == split && targets.known[i] != 0) rows.push_back(i);
    }
    if (rows.empty()) {
        fail_input("{}: no row with split '{}' has an answer for the task of run.probe_task",
                   cohort.source, split);
    }
    std::vector<std::size_t> chosen;
    const std::size_t count = std::min(most, rows.size());
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(rows[i * rows.size() / count]);
    return chosen;
}

}  // namespace

HeldOutLoss::HeldOutLoss(const Cohort& cohort, const Recipe& recipe, WindowStoreOptions store,
                         PretrainOptions options, const Learner& learner)
    : store_(cohort, recipe, held_out(std::move(store))),
      batches_(store_, fitting(std::move(options), store_.patients().size())) {
    if (learner.beats() != nullptr) beats_ = learner.beats()->targets_of(store_);
}

std::map<std::string, double> HeldOutLoss::measure(Learner& learner) const {
    const std::int64_t batches = std::min(most_batches, batches_.steps_per_epoch());
    std::map<std::string, double> means;
    for (std::int64_t i = 0; i < batches; ++i) {
        const StepResult result = learner.measure(batches_.make(i), &beats_);
        means["validation_loss"] += result.loss / static_cast<double>(batches);
        for (const auto& [name, value] : result.parts) {
            means["validation_" + name] += value / static_cast<double>(batches);
        }
    }
    return means;
}

QuickProbe::QuickProbe(const Cohort& cohort, const Task& task, std::size_t most_rows,
                       unsigned threads)
    : task_(task), threads_(threads) {
    const Cohort split = apply_split(cohort, task);
    const Targets targets = make_targets(split, task);
    cohort_ = split;
    cohort_.rows.clear();
    for (const std::size_t i : some_rows(split, targets, "train", most_rows)) {
        CohortRow row = split.rows[i];
        // A fifth of the patients, by a hash, chooses the probe's settings.
        row.split = Random(0, "probe:" + row.patient_id).chance(0.2) ? "val" : "train";
        cohort_.rows.push_back(std::move(row));
    }
    for (const std::size_t i : some_rows(split, targets, "val", most_rows)) {
        cohort_.rows.push_back(split.rows[i]);
        cohort_.rows.back().split = "test";  // of this probe: the run's validation patients
    }
}

bool QuickProbe::lower_is_better() const {
    return task_.metric == "mae" || task_.metric == "rmse";
}

std::map<std::string, double> QuickProbe::measure(const Model& model) const {
    EmbedOptions embed;
    embed.mean = true;
    embed.skip_bad = true;
    embed.threads = threads_;
    if (task_.lead) embed.leads = {*task_.lead};
    const Embeddings embeddings =
        embed_cohort(cohort_, Session(model), Preprocessor(model.recipe), embed);
    Cohort used = cohort_;
    used.rows.clear();
    for (const EmbeddingRow& row : embeddings.rows)
        used.rows.push_back(cohort_.rows[row.cohort_row]);
    FloatMatrix features(embeddings.rows.size(), embeddings.dimensions);
    features.values = embeddings.values;
    ProbeOptions options;
    options.threads = threads_;
    options.scoring.bootstrap.resamples = 2;  // the interval is not looked at
    const TaskResult result =
        linear_probe(features, rows_of(used), task_, make_targets(used, task_), options);
    return {{key(), result.scores.metric(task_.metric)
                        .value.value_or(std::numeric_limits<double>::quiet_NaN())}};
}

}  // namespace clef
