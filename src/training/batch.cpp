#include "training/batch.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"

namespace clef {

namespace {

// A window of another recording of the patient; where there is none, another window of the same
// one; where there is none, the same window.
std::size_t another(const TrainingPatient& patient, std::size_t one, Random& random) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < patient.windows.size(); ++i) {
        if (patient.recordings[i] != patient.recordings[one]) others.push_back(i);
    }
    for (std::size_t i = 0; others.empty() && i < patient.windows.size(); ++i) {
        if (i != one) others.push_back(i);
    }
    return others.empty() ? one : others[random.below(others.size())];
}

}  // namespace

BatchMaker::BatchMaker(const WindowStore& store, const PretrainOptions& options,
                       const BatchShare& share)
    : store_(store), options_(options), share_(share), views_(options.views, store.preprocessor()) {
    const auto patients = static_cast<std::int64_t>(store.patients().size());
    steps_per_epoch_ = patients / options.batch;
    if (steps_per_epoch_ == 0) {
        fail_input(
            "{} training patients are fewer than a batch of {}; choose a smaller --set run.batch",
            patients, options.batch);
    }
    if (options.batch % share.size != 0) {
        fail_input(
            "run.batch is {}, which {} processes cannot share evenly; choose a multiple of {}",
            options.batch, share.size, share.size);
    }
}

std::pair<std::size_t, std::size_t> BatchMaker::draw_windows(std::size_t patient,
                                                             ViewRandom& random) const {
    const TrainingPatient& owner = store_.patients()[patient];
    const auto& windows = owner.windows;
    const std::size_t one = random.views.below(windows.size());
    const std::size_t two =
        options_.views.other_recordings ? another(owner, one, random.views) : one;
    return {windows[one], windows[two]};
}

Batch BatchMaker::make(std::int64_t step) const {
    const std::int64_t epoch = step / steps_per_epoch_;
    const auto place = static_cast<std::size_t>(step % steps_per_epoch_);
    const auto pairs = static_cast<std::size_t>(options_.batch);
    const std::size_t own = pairs / static_cast<std::size_t>(share_.size);
    const std::size_t from = own * static_cast<std::size_t>(share_.rank);
    Random order_random(options_.seed, "order", static_cast<std::uint64_t>(epoch));
    const auto order = order_random.permutation(store_.patients().size());

    Batch batch;
    const std::size_t samples = views_.samples();
    batch.views =
        torch::zeros({2 * static_cast<std::int64_t>(own), 1, static_cast<std::int64_t>(samples)});
    auto* views = batch.views.data_ptr<float>();
    batch.windows.resize(2 * pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::size_t patient = order[place * pairs + i];
        ViewRandom random(options_.seed, static_cast<std::uint64_t>(epoch), patient);
        const auto [first, second] = draw_windows(patient, random);
        batch.windows[i] = first;
        batch.windows[pairs + i] = second;
        batch.clinical.risk.push_back(store_.patients()[patient].risk);
        batch.clinical.missing.push_back(store_.patients()[patient].missing);
        if (i < from || i >= from + own) continue;  // another process makes its views
        const auto first_window = store_.window(first);
        const auto second_window = second == first ? first_window : store_.window(second);
        views_.make(*first_window, *second_window, random, views + (i - from) * samples,
                    views + (own + i - from) * samples);
    }
    return batch;
}

}  // namespace clef
