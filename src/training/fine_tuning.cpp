#include "training/fine_tuning.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/threads.hpp"
#include "evaluation/step_protocol.hpp"
#include "training/net1d_engine.hpp"

namespace clef {
namespace {

// Without the dense layer that the published weights may have.
Model plain_encoder(const Model& model) {
    if (model.family != "net1d") {
        fail_input(
            "{}: encoders of the family {} cannot be fine-tuned here, only those of net1d (CLEF, "
            "ECGFounder); --protocol probe takes any",
            model.architecture, model.family);
    }
    Model plain = model;
    plain.shape.outputs = 0;
    plain.labels.clear();
    std::erase_if(plain.tensors,
                  [](const auto& entry) { return entry.first.starts_with("dense."); });
    return plain;
}

// 0 for the stem, 1 … B for the blocks, B + 1 for the head.
std::size_t depth_of(const std::string& name, const std::vector<Net1dBlock>& blocks) {
    if (name.starts_with("dense.")) return blocks.size() + 1;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        if (name.starts_with(blocks[b].prefix)) return b + 1;
    }
    return 0;
}

}  // namespace

struct FineTuner::State {
    Model encoder;
    Net1dShape shape;  // with the head as its dense layer
    const WindowSet& windows;
    const TaskLoss& loss;
    FineTuneOptions options;
    Preprocessor preprocessor;
    Net1dEngine engine;
    std::map<std::string, std::vector<float>> values;
    std::map<std::string, std::vector<float>> gradients;

    State(const Model& model, const WindowSet& set, const TaskLoss& task_loss,
          const FineTuneOptions& how)
        : encoder(plain_encoder(model)),
          shape(with_head(encoder.shape, task_loss)),
          windows(set),
          loss(task_loss),
          options(how),
          preprocessor(encoder.recipe),
          engine(shape, how.steps.threads) {}

    static Net1dShape with_head(Net1dShape shape, const TaskLoss& loss) {
        shape.outputs = static_cast<int>(loss.outputs());
        return shape;
    }
    std::map<std::string, const float*> parameters() const {
        std::map<std::string, const float*> result;
        for (const auto& [name, tensor] : values) result[name] = tensor.data();
        return result;
    }
    std::size_t crop_samples() const {
        const auto wanted = static_cast<std::size_t>(
            std::llround(options.crop_seconds * encoder.recipe.sampling_rate));
        return wanted == 0 ? windows.samples : std::min(wanted, windows.samples);
    }
    // A window of the recording, or a crop of it, into leads × samples.
    void draw_view(std::size_t row, int epoch, std::size_t samples, float* view) const;
};

void FineTuner::State::draw_view(std::size_t row, int epoch, std::size_t samples,
                                 float* view) const {
    Random random(options.steps.seed, "window of an epoch", static_cast<std::uint64_t>(epoch), row);
    const std::size_t count = windows.first[row + 1] - windows.first[row];
    const auto window = windows.window(windows.first[row] + random.below(count));
    const std::size_t offset = random.below(windows.samples - samples + 1);
    for (std::size_t lead = 0; lead < windows.leads; ++lead) {
        std::copy_n(window.data() + lead * windows.samples + offset, samples,
                    view + lead * samples);
    }
    if (samples == windows.samples) return;
    preprocessor.normalise(std::span(view, windows.leads * samples), windows.leads);
}

FineTuner::FineTuner(const Model& encoder, const WindowSet& windows, const TaskLoss& loss,
                     const FineTuneOptions& options)
    : state_(std::make_unique<State>(encoder, windows, loss, options)) {
    State& state = *state_;
    for (const TensorSpec& spec : net1d_tensors(state.shape)) {
        if (spec.name.find("bn") != std::string::npos) continue;  // carried along, not used
        std::vector<float> values(element_count(spec.shape), 0.0F);
        if (spec.name == "dense.bias") {
            std::copy(loss.prior().begin(), loss.prior().end(), values.begin());
        } else if (spec.name != "dense.weight") {
            const auto given = state.encoder.tensors.at(spec.name).floats();
            std::copy(given.begin(), given.end(), values.begin());
        }
        state.gradients[spec.name].assign(values.size(), 0.0F);
        state.values[spec.name] = std::move(values);
    }
}

FineTuner::~FineTuner() = default;

std::vector<ParameterBlock> FineTuner::parameters() {
    const auto blocks = net1d_blocks(state_->shape);
    std::vector<ParameterBlock> result;
    for (auto& [name, values] : state_->values) {
        const auto above = static_cast<double>(blocks.size() + 1 - depth_of(name, blocks));
        result.push_back({values, state_->gradients.at(name),
                          std::pow(state_->options.layer_decay, above), !name.ends_with("bias")});
    }
    return result;
}

double FineTuner::learn(std::span<const std::size_t> rows, int epoch) {
    State& state = *state_;
    const std::size_t samples = state.crop_samples();
    const std::size_t outputs = state.loss.outputs();
    std::vector<float> views(rows.size() * state.windows.leads * samples);
    parallel_for(rows.size(), state.options.steps.threads, [&](std::size_t i) {
        state.draw_view(rows[i], epoch, samples, views.data() + i * state.windows.leads * samples);
    });
    std::vector<float> found(rows.size() * outputs);
    state.engine.forward(state.parameters(), views.data(), rows.size(), samples, found.data());
    std::vector<float> of_outputs(found.size());
    std::vector<double> gradient(outputs);
    const double share = 1 / static_cast<double>(rows.size());
    double loss = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::vector<double> exact(
            found.begin() + static_cast<std::ptrdiff_t>(i * outputs),
            found.begin() + static_cast<std::ptrdiff_t>((i + 1) * outputs));
        loss += share * state.loss.of(rows[i], exact, gradient);
        for (std::size_t k = 0; k < outputs; ++k) {
            of_outputs[i * outputs + k] = static_cast<float>(share * gradient[k]);
        }
    }
    std::map<std::string, float*> gradients;
    for (auto& [name, values] : state.gradients) {
        std::fill(values.begin(), values.end(), 0.0F);
        gradients[name] = values.data();
    }
    state.engine.backward(of_outputs.data(), gradients);
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
    constexpr std::size_t at_once = 64;  // bounds the engine's memory
    const std::size_t size = state.windows.leads * state.windows.samples;
    std::vector<float> views(at_once * size);
    std::vector<float> found(at_once * outputs);
    for (std::size_t first = 0; first < jobs.size(); first += at_once) {
        const std::size_t count = std::min(at_once, jobs.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            const auto window = state.windows.window(jobs[first + i].first);
            std::copy(window.begin(), window.end(),
                      views.begin() + static_cast<std::ptrdiff_t>(i * size));
        }
        state.engine.forward(state.parameters(), views.data(), count, state.windows.samples,
                             found.data());
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
    Model model = state_->encoder;
    for (const auto& [name, values] : state_->values) {
        const auto target = model.tensors.find(name);
        if (target == model.tensors.end()) continue;  // the head
        target->second = Tensor::from(target->second.shape, values);
    }
    return model;
}

LinearHead FineTuner::head(TaskKind kind) const {
    const State& state = *state_;
    LinearHead head;
    head.kind = kind;
    const auto width = static_cast<std::size_t>(state.shape.embedding_size());
    head.weights = Matrix(state.loss.outputs(), width);
    const auto& weights = state.values.at("dense.weight");
    const auto& biases = state.values.at("dense.bias");
    // A regression learns (value − mean) ÷ deviation; its head gives the value.
    for (std::size_t i = 0; i < weights.size(); ++i) {
        head.weights.values[i] = weights[i] * state.loss.deviation();
    }
    for (const float bias : biases) {
        head.intercepts.push_back(bias * state.loss.deviation() + state.loss.mean());
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
