#include "training/fine_tuning.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/threads.hpp"
#include "encoder/model_head.hpp"
#include "evaluation/step_protocol.hpp"

namespace clef {
namespace {

// Windows or crops side by side: count × leads × samples.
struct Views {
    std::size_t samples = 0;
    std::vector<float> values;
    std::vector<std::uint8_t> observed;  // as WindowSet's
};

}  // namespace

struct FineTuner::State {
    const Model& encoder;  // as given, with its dense layer
    const WindowSet& windows;
    const TaskLoss& loss;
    FineTuneOptions options;
    Preprocessor preprocessor;
    std::unique_ptr<TrainableEncoder> trained;

    State(const Model& model, const WindowSet& set, const TaskLoss& task_loss,
          const FineTuneOptions& how)
        : encoder(model),
          windows(set),
          loss(task_loss),
          options(how),
          preprocessor(encoder.recipe),
          trained(make_trainable_encoder(without_head(model), task_loss.prior(), how.steps.threads,
                                         how.kept_numbers)) {}

    std::size_t crop_samples() const {
        const auto wanted = static_cast<std::size_t>(
            std::llround(options.crop_seconds * encoder.recipe.sampling_rate));
        return wanted == 0 ? windows.samples : std::min(wanted, windows.samples);
    }
    Views room_for(std::size_t count, std::size_t samples) const {
        Views views;
        views.samples = samples;
        views.values.resize(count * windows.leads * samples);
        if (!windows.observed.empty()) views.observed.resize(views.values.size());
        return views;
    }
    ViewBatch batch(const Views& views, std::size_t count) const {
        const std::size_t size = count * windows.leads * views.samples;
        const std::span<const std::uint8_t> marks(views.observed);
        return {std::span(views.values).first(size), count, views.samples, windows.channels,
                marks.first(std::min(size, marks.size()))};
    }
    // How many samples in front stand for none in any lead.
    std::size_t padding(std::size_t window) const;
    // A window from `offset` on, as view i.
    void copy_view(std::size_t window, std::size_t offset, Views& views, std::size_t i) const;
    // View i behind its padding, which means nothing.
    void normalise_view(Views& views, std::size_t i, std::size_t padded) const;
    // A window of the recording, or a crop of it, as view i.
    void draw_view(std::size_t row, int epoch, Views& views, std::size_t i) const;
};

void FineTuner::State::copy_view(std::size_t window, std::size_t offset, Views& views,
                                 std::size_t i) const {
    const auto copy = [&](const auto& source, auto& target) {
        for (std::size_t lead = 0; lead < windows.leads; ++lead) {
            std::copy_n(source.data() + lead * windows.samples + offset, views.samples,
                        target.data() + (i * windows.leads + lead) * views.samples);
        }
    };
    copy(windows.window(window), views.values);
    if (!windows.observed.empty()) copy(windows.marks(window), views.observed);
}

std::size_t FineTuner::State::padding(std::size_t window) const {
    const auto marks = windows.marks(window);
    if (marks.empty()) return 0;
    std::size_t padded = windows.samples;
    for (std::size_t lead = 0; lead < windows.leads; ++lead) {
        const auto own = marks.subspan(lead * windows.samples, windows.samples);
        const auto seen = std::find_if(own.begin(), own.end(), [](auto one) { return one != 0; });
        padded = std::min(padded, static_cast<std::size_t>(seen - own.begin()));
    }
    return padded;
}

void FineTuner::State::normalise_view(Views& views, std::size_t i, std::size_t padded) const {
    const std::size_t size = windows.leads * views.samples;
    const auto view = std::span(views.values).subspan(i * size, size);
    if (padded == 0) return preprocessor.normalise(view, windows.leads);
    const std::size_t kept = views.samples - padded;
    if (kept == 0) return;
    std::vector<float> own;
    for (std::size_t lead = 0; lead < windows.leads; ++lead) {
        const auto behind = view.subspan(lead * views.samples + padded, kept);
        own.insert(own.end(), behind.begin(), behind.end());
    }
    preprocessor.normalise(own, windows.leads);
    for (std::size_t lead = 0; lead < windows.leads; ++lead) {
        std::copy_n(own.data() + lead * kept, kept, view.data() + lead * views.samples + padded);
    }
}

void FineTuner::State::draw_view(std::size_t row, int epoch, Views& views, std::size_t i) const {
    Random random(options.steps.seed, "window of an epoch", static_cast<std::uint64_t>(epoch), row);
    const std::size_t count = windows.first[row + 1] - windows.first[row];
    const std::size_t window = windows.first[row] + random.below(count);
    const std::size_t last = windows.samples - views.samples;
    const std::size_t padded = padding(window);
    const std::size_t first = std::min(padded, last);  // padding is nothing to learn from
    const std::size_t offset = first + random.below(last - first + 1);
    copy_view(window, offset, views, i);
    if (last > 0) normalise_view(views, i, padded - std::min(padded, offset));
}

FineTuner::FineTuner(const Model& encoder, const WindowSet& windows, const TaskLoss& loss,
                     const FineTuneOptions& options)
    : state_(std::make_unique<State>(encoder, windows, loss, options)) {}

FineTuner::~FineTuner() = default;

std::vector<ParameterBlock> FineTuner::parameters() {
    TrainableEncoder& trained = *state_->trained;
    std::vector<ParameterBlock> result;
    for (const TrainableEncoder::Parameter& one : trained.parameters()) {
        const auto above = static_cast<double>(trained.depth() - one.depth);
        const double rate = one.learns ? std::pow(state_->options.layer_decay, above) : 0;
        result.push_back({one.values, one.gradient, rate, one.decays});
    }
    return result;
}

double FineTuner::learn(std::span<const std::size_t> rows, int epoch) {
    State& state = *state_;
    const std::size_t outputs = state.loss.outputs();
    Views views = state.room_for(rows.size(), state.crop_samples());
    parallel_for(rows.size(), state.options.steps.threads,
                 [&](std::size_t i) { state.draw_view(rows[i], epoch, views, i); });
    std::vector<double> exact(outputs), of_exact(outputs);
    const double share = 1 / static_cast<double>(rows.size());
    double loss = 0;
    const auto of_outputs = [&](std::size_t first, std::size_t count, const float* found,
                                float* gradient) {
        for (std::size_t i = 0; i < count; ++i) {
            std::copy_n(found + i * outputs, outputs, exact.begin());
            loss += share * state.loss.of(rows[first + i], exact, of_exact);
            for (std::size_t k = 0; k < outputs; ++k) {
                gradient[i * outputs + k] = static_cast<float>(share * of_exact[k]);
            }
        }
    };
    state.trained->learn(state.batch(views, rows.size()), of_outputs);
    return loss;
}

Matrix FineTuner::outputs(std::span<const std::size_t> rows) {
    State& state = *state_;
    const std::size_t outputs = state.loss.outputs();
    std::vector<std::pair<std::size_t, std::size_t>> jobs;  // window, place among the rows
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t w = state.windows.first[rows[i]]; w < state.windows.first[rows[i] + 1];
             ++w)
            jobs.emplace_back(w, i);
    }
    Matrix result(rows.size(), outputs);
    constexpr std::size_t at_once = 64;  // bounds the memory
    Views views = state.room_for(at_once, state.windows.samples);
    std::vector<float> found(at_once * outputs);
    for (std::size_t first = 0; first < jobs.size(); first += at_once) {
        const std::size_t count = std::min(at_once, jobs.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            state.copy_view(jobs[first + i].first, 0, views, i);
        }
        state.trained->run(state.batch(views, count), found.data());
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t row = jobs[first + i].second;
            const auto share = static_cast<double>(state.windows.first[rows[row] + 1] -
                                                   state.windows.first[rows[row]]);
            for (std::size_t k = 0; k < outputs; ++k) {
                result.at(row, k) += found[i * outputs + k] / share;
            }
        }
    }
    return result;
}

double FineTuner::measure(std::span<const std::size_t> rows) {
    const Matrix found = outputs(rows);
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) sum += state_->loss.of(rows[i], found.row(i));
    return sum / static_cast<double>(rows.size());
}

Model FineTuner::model() const {
    Model model = without_head(state_->encoder);
    state_->trained->store(model);
    return model;
}

LinearHead FineTuner::head(TaskKind kind) const {
    const State& state = *state_;
    LinearHead head;
    head.kind = kind;
    head.weights = Matrix(state.loss.outputs(), state.trained->embedding_size());
    // A regression learns (value − mean) ÷ deviation; its head gives the value.
    for (const TrainableEncoder::Parameter& one : state.trained->parameters()) {
        if (one.name == "dense.weight") {
            for (std::size_t i = 0; i < one.values.size(); ++i) {
                head.weights.values[i] = one.values[i] * state.loss.deviation();
            }
        } else if (one.name == "dense.bias") {
            for (const float bias : one.values) {
                head.intercepts.push_back(bias * state.loss.deviation() + state.loss.mean());
            }
        }
    }
    return head;
}

TaskResult fine_tune(const Model& encoder, const WindowSet& windows, const EvaluationRows& rows,
                     const Task& task, const Targets& targets, const FineTuneOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    if (windows.recordings() != targets.rows() || rows.splits.size() != targets.rows()) {
        fail_input("windows of {} recordings for {} rows of the cohort", windows.recordings(),
                   targets.rows());
    }
    const StepRows own = step_rows(rows, task, targets, options.train_fraction, options.steps.seed);
    const TaskLoss loss(targets, own.train);
    FineTuner tuner(encoder, windows, loss, options);
    const StepTraining training = train_by_steps(tuner, own.train, own.validation, options.steps);

    TaskResult result =
        step_result("finetune", task, options.train_fraction, options.steps.seed, own, training);
    result.settings_text =
        fmt::format("learning rate {:g}, epoch {} of {}", options.steps.learning_rate,
                    training.best + 1, training.epochs.size());
    result.encoder = std::make_shared<const Model>(tuner.model());
    result.head = tuner.head(targets.kind);
    std::vector<std::size_t> all(targets.rows());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const Matrix outputs = tuner.outputs(all);
    result.predictions = Matrix(targets.rows(), loss.outputs());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto predicted = loss.predictions(outputs.row(i));
        std::copy(predicted.begin(), predicted.end(), result.predictions.row(i).begin());
    }
    result.scores = score_predictions(result.predictions, rows, task, targets, options.scoring);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace clef
