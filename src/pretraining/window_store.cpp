#include "pretraining/window_store.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/threads.hpp"
#include "cohort/skip_hint.hpp"

namespace clef {

namespace {

// Risks become ranks among the patients that have one, from 0 to 1; equal risks share the mean
// rank.
void rank_risks(std::vector<TrainingPatient>& patients) {
    std::vector<double> sorted;
    for (const TrainingPatient& patient : patients) {
        if (!std::isnan(patient.risk)) sorted.push_back(patient.risk);
    }
    std::sort(sorted.begin(), sorted.end());
    const double last = std::max<double>(1, static_cast<double>(sorted.size()) - 1);
    for (TrainingPatient& patient : patients) {
        if (std::isnan(patient.risk)) continue;
        const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), patient.risk);
        const auto ranks =
            static_cast<double>((low - sorted.begin()) + (high - sorted.begin()) - 1) / 2;
        patient.risk = ranks / last;
    }
}

std::uint64_t bytes_of(const ViewWindow& window) {
    return std::uint64_t{window.leads().size()} * window.samples() * sizeof(float);
}

}  // namespace

void WindowStore::check_length(const std::string& recording, double seconds) const {
    if (seconds + 1e-9 >= options_.shortest_seconds) return;
    fail_input("{}: {:.4g} s long, a view takes {:g} s", recording, seconds,
               options_.shortest_seconds);
}

WindowStore::Loaded WindowStore::load_cached(const Cohort& cohort, const CohortRow& row) const {
    const WindowCache::Place place = cache_->find(cohort, row);
    const CachedRow& cached = cache_->row(place);
    if (!cached.trouble.empty()) fail_input("{}", cached.trouble);
    check_length(cohort.path_of(row).string(), cached.seconds);
    Loaded loaded;
    for (std::size_t w = 0; w < cached.leads.size(); ++w) loaded.places.push_back({{}, place, w});
    loaded.windows.resize(cached.leads.size());  // mapped: nothing is kept in memory
    return loaded;
}

WindowStore::Loaded WindowStore::load_recording(const Cohort& cohort, const CohortRow& row,
                                                std::atomic<std::uint64_t>& memory) const {
    const RowPlaces found = source_.places_of(cohort, row);
    check_length(cohort.path_of(row).string(), found.seconds);
    Loaded loaded;
    for (const WindowPlace& recording : found.places) {
        loaded.places.push_back({recording, {}, 0});
        auto window = std::make_shared<const PreparedWindow>(source_.read(recording));
        const bool keep = (memory += bytes_of(*window)) <= options_.memory_bytes;
        loaded.windows.push_back(keep ? std::move(window) : nullptr);
    }
    return loaded;
}

std::vector<WindowStore::Loaded> WindowStore::load(
    const Cohort& cohort, const std::vector<const CohortRow*>& rows) const {
    std::vector<Loaded> loaded(rows.size());
    std::atomic<std::uint64_t> memory{0};
    Progress progress("preparing recordings", rows.size(), "recordings");
    parallel_for(rows.size(), options_.threads, [&](std::size_t i) {
        try {
            loaded[i] =
                cache_ ? load_cached(cohort, *rows[i]) : load_recording(cohort, *rows[i], memory);
        } catch (const InputError& error) {
            if (!options_.skip_bad) fail_unless_skipped(error.what());
            loaded[i].trouble = error.what();
        }
        progress.add();
    });
    return loaded;
}

void WindowStore::gather(const std::vector<const CohortRow*>& rows, std::vector<Loaded> loaded) {
    std::map<std::string, std::size_t> patient_index;
    std::map<std::string, int> risks;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const CohortRow& row = *rows[i];
        if (!loaded[i].trouble.empty()) {
            skipped_.emplace_back(row.record, loaded[i].trouble);
            continue;
        }
        const auto [it, fresh] = patient_index.try_emplace(row.patient_id, patients_.size());
        if (fresh) patients_.push_back({row.patient_id, 0, row.missing.value_or(1), {}, {}});
        TrainingPatient& patient = patients_[it->second];
        if (row.risk) patient.risk += (*row.risk - patient.risk) / ++risks[row.patient_id];
        for (std::size_t w = 0; w < loaded[i].places.size(); ++w) {
            patient.windows.push_back(places_.size());
            patient.recordings.push_back(i);
            places_.push_back(std::move(loaded[i].places[w]));
            kept_.push_back(std::move(loaded[i].windows[w]));
        }
    }
    for (TrainingPatient& patient : patients_) {
        if (!risks.contains(patient.patient_id)) {
            patient.risk = std::numeric_limits<double>::quiet_NaN();
        }
    }
}

WindowStore::WindowStore(const Cohort& cohort, const Recipe& recipe,
                         const WindowStoreOptions& options)
    : source_(recipe),
      options_(options),
      cache_(options.cache.empty()
                 ? nullptr
                 : std::make_unique<WindowCache>(options.cache, recipe, options.threads)),
      skipped_(cohort.skipped) {
    const auto rows = rows_of_split(cohort, options.split);
    gather(rows, load(cohort, rows));
    if (options.rank_risks) rank_risks(patients_);
}

std::shared_ptr<const ViewWindow> WindowStore::window(std::size_t index) const {
    if (kept_[index]) return kept_[index];
    const Place& place = places_[index];
    if (cache_) {  // which keeps them all: nothing to own
        return {std::shared_ptr<const void>(), &cache_->window(place.cached, place.index)};
    }
    return std::make_shared<const UnfilteredWindow>(source_.read(place.recording));
}

}  // namespace clef
