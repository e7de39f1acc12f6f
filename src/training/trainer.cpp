#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "pretraining/checkpoints.hpp"
#include "training/batch_loader.hpp"
#include "training/learner.hpp"
#include "training/run_log.hpp"

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
    void take_step(std::int64_t step, const Batch& batch);
    Batch next_batch();
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
                 ? std::make_unique<ProcessGroup>(request.ranks, options_.peer_seconds)
                 : nullptr),
      learner_(model_, options_, store_, request.threads, group_.get()),
      checkpoints_(request.folder / "checkpoint", options_.checkpoints) {
    const auto per_epoch = static_cast<double>(batches_.steps_per_epoch());
    total_steps_ = options_.steps > 0
                       ? options_.steps
                       : std::max<std::int64_t>(1, std::llround(options_.epochs * per_epoch));
    options_.schedule.total_steps = total_steps_;
    options_.schedule.first_cycle_steps =
        std::max<std::int64_t>(1, std::llround(options_.first_cycle_epochs * per_epoch));
    model_.provenance = {{"objective", options_.objective.name},
                         {"cohort", cohort.source},
                         {"patients", store_.patients().size()},
                         {"windows", store_.window_count()},
                         {"seed", options_.seed},
                         {"program", CLEF_VERSION},
                         {"config", options_toml(options_)}};
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
    checkpoint.state = {{"patients", store_.patients().size()}, {"log", log_.text()}};
    learner_.store(checkpoint.tensors);
    checkpoints_.save(checkpoint);
    write_file(request_.folder / "log.jsonl", log_.text());
    model_.provenance["steps"] = learner_.steps_taken();
    learner_.store_encoder(model_);
    write_model(model_, request_.folder / "model.safetensors");
}

// Processes that share a batch stop at the same step.
bool Trainer::asked_to_stop() const {
    const bool mine = request_.stop != nullptr && *request_.stop;
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

void Trainer::take_step(std::int64_t step, const Batch& batch) {
    const double rate = learning_rate(options_.schedule, step);
    StepResult result;
    try {
        result = learner_.step(batch, rate);
    } catch (const NonFiniteLoss& trouble) {
        fail_run(
            "step {}: the loss is {}; the last checkpoint is untouched. Try a lower "
            "--set optimiser.learning_rate, or --set optimiser.clip=1",
            step, trouble.loss);
    }
    last_loss_ = result.loss;
    if (writes() && (step % options_.log_every == 0 || step + 1 == total_steps_)) {
        const double epoch =
            static_cast<double>(step) / static_cast<double>(batches_.steps_per_epoch());
        log_.add(step, epoch, rate, result);
    }
}

void Trainer::train() {
    using Clock = std::chrono::steady_clock;
    const std::int64_t first = learner_.steps_taken();
    Clock::time_point saved = Clock::now();
    loader_.emplace(batches_, first, total_steps_, options_.batches_ahead);
    Progress progress("pretraining", static_cast<std::size_t>(total_steps_ - first), "steps");
    for (std::int64_t step = first; step < total_steps_ && !asked_to_stop(); ++step) {
        take_step(step, next_batch());
        progress.set_detail(fmt::format("loss {:.4f} · learning rate {:.2g}", last_loss_,
                                        learning_rate(options_.schedule, step)));
        progress.add();
        const std::chrono::duration<double> since = Clock::now() - saved;
        if (since.count() > options_.checkpoint_minutes * 60) {
            save();
            saved = Clock::now();
        }
    }
}

PretrainOutcome Trainer::run() {
    if (request_.resume) resume();
    if (writes()) write_file(request_.folder / "config.toml", options_toml(options_));
    train();
    save();
    PretrainOutcome outcome;
    outcome.steps = learner_.steps_taken();
    outcome.total_steps = total_steps_;
    outcome.patients = store_.patients().size();
    outcome.seconds = log_.seconds();
    outcome.last_loss = last_loss_;
    outcome.waited = loader_->waited();
    outcome.skipped = store_.skipped();
    return outcome;
}

}  // namespace

PretrainOutcome pretrain(const Cohort& cohort, const PretrainRequest& request) {
    torch::set_num_threads(1);  // threads work on shards of the batch instead (sharded_encoder.hpp)
    if (request.ranks.rank > 0) set_quiet(true);  // rank 0 speaks for all
    return Trainer(cohort, request).run();
}

}  // namespace clef
