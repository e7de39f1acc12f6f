#include "training/beat_objective.hpp"

#include <algorithm>

#include "base/progress.hpp"
#include "base/threads.hpp"
#include "signal/beats.hpp"
#include "training/projection.hpp"

namespace clef {

namespace {

constexpr std::int64_t target_leads = 12;
constexpr auto beat_size = static_cast<std::int64_t>(median_beat_samples);
constexpr std::int64_t rhythm_size = 4;

void fill_row(const WindowStore& store, std::size_t index, const std::vector<std::string>& names,
              const BeatTargets& targets) {
    const auto window = store.window(index);
    std::vector<std::vector<float>> leads;
    for (const LeadSamples& lead : window->filtered()) {
        store.preprocessor().normalise(
            leads.emplace_back(lead.samples().begin(), lead.samples().end()));
    }
    const double rate = store.sampling_rate();
    const auto beats = find_beats(leads, rate);
    const auto row = static_cast<std::int64_t>(index) * target_leads * beat_size;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const auto name = std::find(names.begin(), names.end(), window->leads()[i]);
        if (name == names.end() || beats.empty()) continue;
        const std::int64_t at = row + (name - names.begin()) * beat_size;
        const auto beat = median_beat(leads[i], beats, rate);
        std::copy(beat.begin(), beat.end(), targets.beats.data_ptr<float>() + at);
        std::fill_n(targets.known.data_ptr<float>() + at, beat_size, 1.0F);
    }
    const double seconds = static_cast<double>(leads.front().size()) / rate;
    const auto numbers = rhythm_numbers(beats, rate, seconds);
    std::copy(numbers.begin(), numbers.end(),
              targets.rhythm.data_ptr<float>() + static_cast<std::int64_t>(index) * rhythm_size);
}

BeatTargets measured_targets(const WindowStore& store) {
    const auto windows = static_cast<std::int64_t>(store.window_count());
    BeatTargets targets{torch::zeros({windows, target_leads * beat_size}),
                        torch::zeros({windows, target_leads * beat_size}),
                        torch::zeros({windows, rhythm_size})};
    const std::vector<std::string> names = clef_recipe(target_leads).leads;
    Progress progress("finding beats", store.window_count(), "windows");
    parallel_for(store.window_count(), 0, [&](std::size_t i) {
        fill_row(store, i, names, targets);
        progress.add();
    });
    return targets;
}

}  // namespace

BeatHead::BeatHead(const WindowStore& store, std::int64_t embedding_size, std::uint64_t seed) {
    const BeatTargets raw = measured_targets(store);
    const torch::Tensor count = raw.known.sum(0).clamp_min(1);
    mean_ = raw.beats.sum(0) / count;
    const torch::Tensor centred = (raw.beats - mean_) * raw.known;
    // The small constant keeps samples that hardly vary (the isoelectric line) from being blown up.
    deviation_ = (centred.square().sum(0) / count).sqrt() + 0.05;
    rhythm_mean_ = raw.rhythm.mean(0);
    rhythm_deviation_ = raw.rhythm.std(0, false).clamp_min(1e-3);
    targets_ = standardised(raw);

    trained_ = {{"beats.norm.weight", torch::ones({embedding_size})},
                {"beats.norm.bias", torch::zeros({embedding_size})}};
    const std::int64_t outputs = target_leads * beat_size + rhythm_size;
    for (auto& entry : ProjectionHead("beats", 1, embedding_size, 0, outputs, seed).trained()) {
        trained_.push_back(std::move(entry));
    }
}

BeatTargets BeatHead::standardised(const BeatTargets& raw) const {
    return {((raw.beats - mean_) * raw.known / deviation_).clamp(-5, 5), raw.known,
            ((raw.rhythm - rhythm_mean_) / rhythm_deviation_).clamp(-4, 4)};
}

BeatTargets BeatHead::targets_of(const WindowStore& store) const {
    return standardised(measured_targets(store));
}

BeatLoss BeatHead::operator()(const torch::Tensor& embeddings,
                              const std::vector<std::size_t>& windows,
                              const BeatTargets& targets) const {
    const std::vector<std::int64_t> rows(windows.begin(), windows.end());
    const torch::Tensor index = torch::tensor(rows, torch::kInt64);
    const torch::Tensor normalised =
        torch::layer_norm(embeddings, {embeddings.size(1)}, trained_[0].second, trained_[1].second);
    const torch::Tensor predicted =
        torch::linear(normalised, trained_[2].second, trained_[3].second);
    const std::int64_t beats = target_leads * beat_size;
    const auto of_batch = [&](const torch::Tensor& of_windows) {
        return of_windows.index_select(0, index).to(embeddings.device());
    };
    const torch::Tensor known = of_batch(targets.known);
    const torch::Tensor loss = torch::smooth_l1_loss(
        predicted.narrow(1, 0, beats), of_batch(targets.beats), torch::Reduction::None);
    return {(loss * known).sum() / known.sum().clamp_min(1),
            torch::mse_loss(predicted.narrow(1, beats, rhythm_size), of_batch(targets.rhythm))};
}

}  // namespace clef
