#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "encoder/safetensors.hpp"
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
    options.skip_bad = request.skip_bad;
    options.rank_risks = request.options.objective.risk_scale == "rank";
    return options;
}

class Trainer {
  public:
    Trainer(const Cohort& cohort, const PretrainRequest& request);
    PretrainOutcome run();

  private:
    std::filesystem::path state_path() const {
        return request_.folder / "checkpoint" / "state.safetensors";
    }
    void resume();
    void save();
    void train();
    void take_step(std::int64_t step);
    bool asked_to_stop() const { return request_.stop != nullptr && *request_.stop; }

    const PretrainRequest& request_;
    PretrainOptions options_;
    Model model_;
    WindowStore store_;
    BatchMaker batches_;
    std::future<Batch> next_;  // of the step after the last one taken
    Learner learner_;
    RunLog log_;
    std::int64_t total_steps_ = 0;
    double last_loss_ = 0;
};

Trainer::Trainer(const Cohort& cohort, const PretrainRequest& request)
    : request_(request),
      options_(request.options),
      model_(initial_model(options_)),
      store_(cohort, model_.recipe, store_options(request)),
      batches_(store_, options_),
      learner_(model_, options_, store_, request.threads) {
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
    const SafetensorsFile state = read_safetensors(state_path());
    std::int64_t steps = 0;
    try {
        const auto saved = nlohmann::json::parse(state.metadata.at("clef.state"));
        steps = saved.at("step").get<std::int64_t>();
        if (saved.at("patients") != store_.patients().size()) {
            fail_input(
                "{}: saved with {} training patients, the cohort has {}; resume with the same "
                "cohort",
                state_path().string(), saved.at("patients").dump(), store_.patients().size());
        }
        log_.set_text(saved.at("log").get<std::string>());
    } catch (const InputError&) {
        throw;
    } catch (const std::exception& error) {  // a key absent, JSON that is none
        fail_input("{}: {}", state_path().string(), error.what());
    }
    learner_.load(state.tensors, steps);
    note(fmt::format("resumed at step {} of {}", steps, total_steps_));
}

void Trainer::save() {
    model_.provenance["steps"] = learner_.steps_taken();
    learner_.store_encoder(model_);
    write_file(request_.folder / "log.jsonl", log_.text());
    SafetensorsFile state;
    learner_.store(state.tensors);
    const nlohmann::json saved = {{"step", learner_.steps_taken()},
                                  {"patients", store_.patients().size()},
                                  {"log", log_.text()}};
    state.metadata["clef.state"] = saved.dump();
    write_safetensors(state, state_path());
    write_model(model_, request_.folder / "model.safetensors");
}

void Trainer::take_step(std::int64_t step) {
    const Batch batch = next_.valid() ? next_.get() : batches_.make(step);
    if (step + 1 < total_steps_) {  // made while this step computes
        next_ = std::async(std::launch::async, [this, step] { return batches_.make(step + 1); });
    }
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
    if (step % options_.log_every == 0 || step + 1 == total_steps_) {
        const double epoch =
            static_cast<double>(step) / static_cast<double>(batches_.steps_per_epoch());
        log_.add(step, epoch, rate, result);
    }
}

void Trainer::train() {
    using Clock = std::chrono::steady_clock;
    const std::int64_t first = learner_.steps_taken();
    Clock::time_point saved = Clock::now();
    Progress progress("pretraining", static_cast<std::size_t>(total_steps_ - first), "steps");
    for (std::int64_t step = first; step < total_steps_ && !asked_to_stop(); ++step) {
        take_step(step);
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
    write_file(request_.folder / "config.toml", options_toml(options_));
    train();
    save();
    PretrainOutcome outcome;
    outcome.steps = learner_.steps_taken();
    outcome.total_steps = total_steps_;
    outcome.patients = store_.patients().size();
    outcome.seconds = log_.seconds();
    outcome.last_loss = last_loss_;
    outcome.skipped = store_.skipped();
    return outcome;
}

}  // namespace

PretrainOutcome pretrain(const Cohort& cohort, const PretrainRequest& request) {
    torch::set_num_threads(1);  // threads work on shards of the batch instead (sharded_encoder.hpp)
    return Trainer(cohort, request).run();
}

}  // namespace clef
