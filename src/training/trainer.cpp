#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <memory>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/threads.hpp"
#include "encoder/safetensors.hpp"
#include "training/adamw.hpp"
#include "training/batch.hpp"
#include "training/beat_objective.hpp"
#include "training/net1d_module.hpp"
#include "training/projection.hpp"
#include "training/sharded_encoder.hpp"
#include "training/tensors.hpp"

namespace clef {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

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

// exp of the entropy of the normalised singular values (Roy and Vetterli 2007): how many directions
// the embeddings really use. A fall towards one is collapse.
double effective_rank(const torch::Tensor& embeddings) {
    const torch::Tensor centred = embeddings - embeddings.mean(0, true);
    torch::Tensor p = torch::linalg_svdvals(centred.to(torch::kFloat64));
    p = p / p.sum().clamp_min(1e-300);
    return std::exp(-(p * (p + 1e-300).log()).sum().item<double>());
}

class Trainer {
  public:
    Trainer(const Cohort& cohort, const PretrainRequest& request)
        : request_(request),
          options_(request.options),
          model_(initial_model(options_)),
          store_(cohort, model_.recipe, store_options(request)),
          batches_(store_, options_),
          module_(model_.shape),
          encoder_(module_, model_.shape, request.threads),
          head_("head", options_.projection_layers, model_.shape.embedding_size(),
                options_.projection_width, options_.projection_size, options_.seed),
          alignment_("alignment", options_.objective.alignment_size > 0 ? 1 : 0,
                     model_.shape.embedding_size(), 0, options_.objective.alignment_size,
                     options_.seed),
          objective_(make_objective(options_.objective)),
          beats_(options_.beats.on() ? std::make_unique<BeatHead>(
                                           store_, model_.shape.embedding_size(), options_.seed)
                                     : nullptr),
          optimiser_(trained_tensors(), options_.weight_decay) {
        module_.load(model_);
        for (const auto& [name, tensor] : trained_tensors()) {
            torch::Tensor parameter = tensor;
            parameter.set_requires_grad(true);
            if (options_.averaging > 0) averages_.emplace_back(name, tensor.detach().clone());
        }
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

    PretrainOutcome run();

  private:
    AdamW::Named trained_tensors() const {
        AdamW::Named all = module_.trained();
        for (auto& entry : head_.trained()) all.push_back(std::move(entry));
        for (auto& entry : alignment_.trained()) all.push_back(std::move(entry));
        if (beats_) {
            for (auto& entry : beats_->trained()) all.push_back(std::move(entry));
        }
        return all;
    }
    std::filesystem::path state_path() const {
        return request_.folder / "checkpoint" / "state.safetensors";
    }
    void resume();
    void save(bool checkpoint);
    ObjectiveResult loss_of(const torch::Tensor& embeddings, const Batch& batch) const;
    void take_step(std::int64_t step);
    void update_averages();
    void write_log(std::int64_t step, double rate, const ObjectiveResult& result,
                   const torch::Tensor& embeddings);
    bool asked_to_stop() const { return request_.stop != nullptr && *request_.stop; }

    const PretrainRequest& request_;
    PretrainOptions options_;
    Model model_;
    WindowStore store_;
    BatchMaker batches_;
    std::future<Batch> next_;  // of the step after the last one taken
    Net1dModule module_;
    ShardedEncoder encoder_;
    ProjectionHead head_;
    ProjectionHead alignment_;
    std::unique_ptr<Objective> objective_;
    std::unique_ptr<BeatHead> beats_;  // none where it is off
    AdamW optimiser_;
    AdamW::Named averages_;
    std::int64_t total_steps_ = 0;
    std::int64_t steps_ = 0;
    double last_loss_ = 0;
    Clock::time_point start_ = Clock::now();
    std::string log_;  // of this call and, resumed, of those before
};

void Trainer::resume() {
    const SafetensorsFile state = read_safetensors(state_path());
    try {
        const auto saved = nlohmann::json::parse(state.metadata.at("clef.state"));
        steps_ = saved.at("step").get<std::int64_t>();
        if (saved.at("patients") != store_.patients().size()) {
            fail_input(
                "{}: saved with {} training patients, the cohort has {}; resume with the same "
                "cohort",
                state_path().string(), saved.at("patients").dump(), store_.patients().size());
        }
        log_ = saved.at("log").get<std::string>();
    } catch (const InputError&) {
        throw;
    } catch (const std::exception& error) {  // a key absent, JSON that is none
        fail_input("{}: {}", state_path().string(), error.what());
    }
    for (const auto& [name, tensor] : trained_tensors()) copy_into(tensor, state.tensors, name);
    for (const auto& [name, tensor] : averages_)
        copy_into(tensor, state.tensors, "average." + name);
    optimiser_.load(state.tensors, steps_);
    note(fmt::format("resumed at step {} of {}", steps_, total_steps_));
}

void Trainer::save(bool checkpoint) {
    model_.provenance["steps"] = steps_;
    module_.store(model_);
    for (const auto& [name, tensor] : averages_) {
        if (model_.tensors.contains(name)) model_.tensors[name] = to_file_tensor(tensor);
    }
    write_file(request_.folder / "log.jsonl", log_);
    if (checkpoint) {
        SafetensorsFile state;
        for (const auto& [name, tensor] : trained_tensors())
            state.tensors[name] = to_file_tensor(tensor);
        for (const auto& [name, tensor] : averages_) {
            state.tensors["average." + name] = to_file_tensor(tensor);
        }
        optimiser_.store(state.tensors);
        const nlohmann::json saved = {
            {"step", steps_}, {"patients", store_.patients().size()}, {"log", log_}};
        state.metadata["clef.state"] = saved.dump();
        write_safetensors(state, state_path());
    }
    write_model(model_, request_.folder / "model.safetensors");
}

void Trainer::update_averages() {
    const torch::NoGradGuard no_gradients;
    const auto tensors = trained_tensors();
    // The first steps count more, so that the average does not carry the random start along.
    const double decay = std::min(options_.averaging,
                                  static_cast<double>(steps_) / (static_cast<double>(steps_) + 10));
    for (std::size_t i = 0; i < averages_.size(); ++i) {
        averages_[i].second.mul_(decay).add_(tensors[i].second.detach(), 1 - decay);
    }
}

void Trainer::write_log(std::int64_t step, double rate, const ObjectiveResult& result,
                        const torch::Tensor& embeddings) {
    nlohmann::json line = {
        {"step", step},
        {"epoch", static_cast<double>(step) / static_cast<double>(batches_.steps_per_epoch())},
        {"loss", last_loss_},
        {"learning_rate", rate},
        {"effective_rank", effective_rank(embeddings.detach())},
        {"seconds", seconds_since(start_)}};
    for (const auto& [name, value] : result.parts) line[name] = value;
    log_ += line.dump() + "\n";
}

ObjectiveResult Trainer::loss_of(const torch::Tensor& embeddings, const Batch& batch) const {
    ObjectiveResult result{torch::zeros({}), {}};
    if (options_.objective_weight > 0) {
        result = (*objective_)(
            {head_.forward(embeddings), alignment_.forward(embeddings), batch.clinical});
        result.loss = options_.objective_weight * result.loss;
    }
    if (beats_) {
        const BeatLoss loss = (*beats_)(embeddings, batch.windows);
        result.loss = result.loss + options_.beats.weight * loss.beats +
                      options_.beats.rhythm_weight * loss.rhythm;
        result.parts["beats"] = loss.beats.item<double>();
        result.parts["rhythm"] = loss.rhythm.item<double>();
    }
    return result;
}

void Trainer::take_step(std::int64_t step) {
    const Batch batch = next_.valid() ? next_.get() : batches_.make(step);
    if (step + 1 < total_steps_) {  // made while this step computes
        next_ = std::async(std::launch::async, [this, step] { return batches_.make(step + 1); });
    }
    const torch::Tensor embeddings = encoder_.forward(batch.views);
    const ObjectiveResult result = loss_of(embeddings, batch);
    last_loss_ = result.loss.item<double>();
    if (!std::isfinite(last_loss_)) {
        fail_run(
            "step {}: the loss is {}; the last checkpoint is untouched. Try a lower "
            "--set optimiser.learning_rate, or --set optimiser.clip=1",
            step, last_loss_);
    }
    result.loss.backward();
    encoder_.backward(embeddings);
    if (options_.clip > 0) optimiser_.clip(options_.clip);
    const double rate = learning_rate(options_.schedule, step);
    optimiser_.step(rate);
    ++steps_;
    if (options_.averaging > 0) update_averages();
    if (step % options_.log_every == 0 || steps_ == total_steps_) {
        write_log(step, rate, result, embeddings);
    }
}

PretrainOutcome Trainer::run() {
    if (request_.resume) resume();
    write_file(request_.folder / "config.toml", options_toml(options_));
    const std::int64_t first = steps_;
    Clock::time_point saved = Clock::now();
    {
        Progress progress("pretraining", static_cast<std::size_t>(total_steps_ - first), "steps");
        while (steps_ < total_steps_ && !asked_to_stop()) {
            take_step(steps_);
            progress.set_detail(fmt::format("loss {:.4f} · learning rate {:.2g}", last_loss_,
                                            learning_rate(options_.schedule, steps_ - 1)));
            progress.add();
            if (seconds_since(saved) > options_.checkpoint_minutes * 60) {
                save(true);
                saved = Clock::now();
            }
        }
    }
    save(true);
    PretrainOutcome outcome;
    outcome.steps = steps_;
    outcome.total_steps = total_steps_;
    outcome.patients = store_.patients().size();
    outcome.seconds = seconds_since(start_);
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
