#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "evaluation/ledger.hpp"
#include "pretraining/checkpoints.hpp"
#include "training/batch_loader.hpp"
#include "training/learner.hpp"
#include "training/run_log.hpp"
#include "training/selection.hpp"
#include "training/training_device.hpp"
#include "training/validation.hpp"

namespace clef {

namespace {

Model initial_model(const PretrainOptions& options) {
    if (options.initial_model.empty()) return random_model(options.architecture, 1, options.seed);
    Model model = read_model(options.initial_model);
    if (model.architecture != options.architecture) {
        fail_input("{}: an encoder of architecture {}, model.architecture is {}",
                   options.initial_model, model.architecture, options.architecture);
    }
    return model;
}

WindowStoreOptions store_options(const PretrainRequest& request) {
    WindowStoreOptions options;
    options.threads = request.threads;
    options.memory_bytes = static_cast<std::uint64_t>(request.options.memory_gigabytes * 1e9);
    options.shortest_seconds = request.options.views.crop_seconds;
    options.cache = request.options.cache;
    options.skip_bad = request.skip_bad;
    options.rank_risks = request.options.objective.risk_scale == "rank";
    return options;
}

class Trainer {
  public:
    Trainer(const Cohort& cohort, const PretrainRequest& request);
    PretrainOutcome run();

  private:
    bool writes() const { return request_.ranks.rank == 0; }
    void resume();
    void save();
    void train();
    Batch next_batch();
    StepResult learn();
    void take_step(std::int64_t step);
    void validate();
    bool validates_after(std::int64_t step) const;
    bool asked_to_stop() const;

    const PretrainRequest& request_;
    PretrainOptions options_;
    Model model_;
    WindowStore store_;
    BatchMaker batches_;
    std::unique_ptr<ProcessGroup> group_;  // none: one process
    Learner learner_;
    Checkpoints checkpoints_;
    std::optional<BatchLoader> loader_;
    RunLog log_;
    std::unique_ptr<HeldOutLoss> held_out_;  // none where there are no validations
    std::unique_ptr<QuickProbe> probe_;
    Selection selection_;
    double steps_per_epoch_ = 0;
    std::int64_t total_steps_ = 0;
    double last_loss_ = 0;
};

Trainer::Trainer(const Cohort& cohort, const PretrainRequest& request)
    : request_(request),
      options_(request.options),
      model_(initial_model(options_)),
      store_(cohort, model_.recipe, store_options(request)),
      batches_(store_, options_, {request.ranks.rank, request.ranks.size}),
      group_(request.ranks.size > 1
                 ? std::make_unique<ProcessGroup>(
                       request.ranks, options_.peer_seconds,
                       training_device(options_.device, request.ranks.local_rank))
                 : nullptr),
      learner_(model_, options_, store_, request.threads, group_.get()),
      checkpoints_(request.folder / "checkpoint", options_.checkpoints),
      selection_(!request.probe_task, options_.patience) {
    const double per_epoch = static_cast<double>(batches_.steps_per_epoch()) / options_.accumulate;
    steps_per_epoch_ = per_epoch;
    if (options_.validate_epochs > 0) {
        WindowStoreOptions held_out = store_options(request);
        held_out.cache.clear();  // which holds the training recordings alone
        held_out_ =
            std::make_unique<HeldOutLoss>(cohort, model_.recipe, held_out, options_, learner_);
    }
    if (request.probe_task) {
        probe_ = std::make_unique<QuickProbe>(cohort, *request.probe_task,
                                              static_cast<std::size_t>(options_.probe_rows),
                                              request.threads);
        selection_ = Selection(probe_->lower_is_better(), options_.patience);
    }
    total_steps_ = options_.steps > 0
                       ? options_.steps
                       : std::max<std::int64_t>(1, std::llround(options_.epochs * per_epoch));
    options_.schedule.total_steps = total_steps_;
    options_.schedule.first_cycle_steps =
        std::max<std::int64_t>(1, std::llround(options_.first_cycle_epochs * per_epoch));
    nlohmann::json initial = std::move(model_.provenance);
    model_.provenance = {{"objective", options_.objective.name},
                         {"cohort", cohort.source},
                         {"patients", store_.patients().size()},
                         {"windows", store_.window_count()},
                         {"seed", options_.seed},
                         {"program", CLEF_VERSION},
                         {"config", options_toml(options_)}};
    if (!options_.initial_model.empty()) model_.provenance["initial"] = std::move(initial);
    std::set<std::string> trained_on;
    for (const TrainingPatient& patient : store_.patients()) trained_on.insert(patient.patient_id);
    model_.provenance["ledger"] = ledger_note(cohort, [&](const CohortRow& row) {
        return trained_on.contains(row.patient_id) && row.split != "val" && row.split != "test";
    });
}

void Trainer::resume() {
    const Checkpoint checkpoint = checkpoints_.newest();
    const std::string folder = (request_.folder / "checkpoint").string();
    try {
        if (checkpoint.state.at("patients") != store_.patients().size()) {
            fail_input(
                "{}: saved with {} training patients, the cohort has {}; resume with the same "
                "cohort",
                folder, checkpoint.state.at("patients").dump(), store_.patients().size());
        }
        log_.set_text(checkpoint.state.at("log").get<std::string>());
        selection_.from_json(checkpoint.state.at("selection"));
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: step {}: {}", folder, checkpoint.step, error.what());
    }
    learner_.load(checkpoint.tensors, checkpoint.step);
    note(fmt::format("resumed at step {} of {}", checkpoint.step, total_steps_));
}

// Random numbers need no place in it: every draw is keyed by seed, epoch and patient. The step is
// the position in the data.
void Trainer::save() {
    if (!writes()) return;
    Checkpoint checkpoint;
    checkpoint.step = learner_.steps_taken();
    checkpoint.state = {{"patients", store_.patients().size()},
                        {"selection", selection_.to_json()},
                        {"log", log_.text()}};
    learner_.store(checkpoint.tensors);
    checkpoints_.save(checkpoint);
    model_.provenance["steps"] = learner_.steps_taken();
    learner_.store_encoder(model_);
    write_model(model_, request_.folder / "model.safetensors");
}

// Processes that share a batch stop at the same step.
bool Trainer::asked_to_stop() const {
    const bool mine = selection_.exhausted() || (request_.stop != nullptr && *request_.stop);
    return group_ ? group_->any(mine) : mine;
}

// Where a recording cannot be read any more, the steps taken so far are saved first.
Batch Trainer::next_batch() {
    try {
        return loader_->next();
    } catch (const InputError&) {
        save();
        throw;
    }
}

// The step's batches; loss and parts are their means, the embeddings those of the last.
StepResult Trainer::learn() {
    const double share = 1.0 / options_.accumulate;
    StepResult mean;
    for (int i = 0; i < options_.accumulate; ++i) {
        const StepResult result = learner_.learn(next_batch(), share);
        mean.loss += share * result.loss;
        for (const auto& [name, value] : result.parts) mean.parts[name] += share * value;
        mean.embeddings = result.embeddings;
    }
    return mean;
}

void Trainer::take_step(std::int64_t step) {
    const double rate = learning_rate(options_.schedule, step);
    StepResult result;
    try {
        result = learn();
    } catch (const NonFiniteLoss& trouble) {
        fail_run(
            "step {}: the loss is {}; the last checkpoint is untouched. Try a lower "
            "--set optimiser.learning_rate, or --set optimiser.clip=1",
            step, trouble.loss);
    }
    learner_.update(rate, static_cast<double>(step) / static_cast<double>(total_steps_));
    last_loss_ = result.loss;
    if (writes() && (step % options_.log_every == 0 || step + 1 == total_steps_)) {
        log_.add(step, static_cast<double>(step) / steps_per_epoch_, rate, result);
    }
}

bool Trainer::validates_after(std::int64_t step) const {
    if (!held_out_) return false;
    const std::int64_t every =
        std::max<std::int64_t>(1, std::llround(options_.validate_epochs * steps_per_epoch_));
    return (step + 1) % every == 0 || step + 1 == total_steps_;
}

// By the probe where there is one: a contrast's loss may fall while the embedding gets worse.
void Trainer::validate() {
    std::map<std::string, double> numbers = held_out_->measure(learner_);
    double judged = numbers.at("validation_loss");
    learner_.store_encoder(model_);
    if (probe_) {
        numbers.merge(probe_->measure(model_));
        judged = numbers.at(probe_->key());
    }
    const std::int64_t steps = learner_.steps_taken();
    if (writes()) log_.add(steps - 1, numbers);
    if (!selection_.offer(judged, steps) || !writes()) return;
    model_.provenance["steps"] = steps;
    write_model(model_, request_.folder / "best.safetensors");
}

void Trainer::train() {
    using Clock = std::chrono::steady_clock;
    const std::int64_t first = learner_.steps_taken();
    const Clock::time_point begun = Clock::now();
    Clock::time_point saved = begun;
    loader_.emplace(batches_, first * options_.accumulate, total_steps_ * options_.accumulate,
                    options_.batches_ahead);
    Progress progress("pretraining", static_cast<std::size_t>(total_steps_ - first), "steps");
    for (std::int64_t step = first; step < total_steps_; ++step) {
        const bool enough = request_.stop_after > 0 && step - first == request_.stop_after;
        if (asked_to_stop() || enough) break;
        take_step(step);
        const std::chrono::duration<double> elapsed = Clock::now() - begun;
        const double views = 2.0 * options_.batch * options_.accumulate;
        progress.set_detail(fmt::format(
            "loss {:.4f} · learning rate {:.2g} · {:.0f} views/s", last_loss_,
            learning_rate(options_.schedule, step),
            static_cast<double>(step + 1 - first) * views / std::max(1e-9, elapsed.count())));
        progress.add();
        if (validates_after(step)) validate();
        const std::chrono::duration<double> since = Clock::now() - saved;
        if (since.count() > options_.checkpoint_minutes * 60) {
            save();
            saved = Clock::now();
        }
    }
}

PretrainOutcome Trainer::run() {
    if (request_.resume) resume();
    if (writes()) {
        write_file(request_.folder / "config.toml", options_toml(options_));
        log_.open(request_.folder, learner_.steps_taken(), options_.tensorboard);
    }
    train();
    save();
    PretrainOutcome outcome;
    outcome.steps = learner_.steps_taken();
    outcome.total_steps = total_steps_;
    outcome.patients = store_.patients().size();
    outcome.seconds = log_.seconds();
    outcome.last_loss = last_loss_;
    outcome.waited = loader_->waited();
    outcome.stopped_early = selection_.exhausted();
    outcome.best_step = selection_.best_step();
    outcome.skipped = store_.skipped();
    return outcome;
}

}  // namespace

PretrainOutcome pretrain(const Cohort& cohort, const PretrainRequest& request) {
    torch::set_num_threads(1);  // threads work on the views of a batch instead (net1d_engine.hpp)
    if (request.ranks.rank > 0) set_quiet(true);  // rank 0 speaks for all
    set_kernels(request.options);
    const torch::Device device = training_device(request.options.device, request.ranks.local_rank);
    if (!device.is_cpu())
        note(fmt::format("trains on {}, {}", device.str(), request.options.precision));
    return Trainer(cohort, request).run();
}

}  // namespace clef
