#include "training/window_store.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/threads.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

namespace {

bool changes(const std::vector<float>& samples) {
    return std::any_of(samples.begin(), samples.end(),
                       [&](float value) { return value != samples[0]; });
}

bool has_sample(const std::vector<float>& samples) {
    return std::any_of(samples.begin(), samples.end(),
                       [](float value) { return !std::isnan(value); });
}

std::vector<const CohortRow*> training_rows(const Cohort& cohort) {
    const bool has_splits = std::any_of(cohort.rows.begin(), cohort.rows.end(),
                                        [](const CohortRow& row) { return !row.split.empty(); });
    std::vector<const CohortRow*> rows;
    for (const CohortRow& row : cohort.rows) {
        if (!has_splits || row.split == "train") rows.push_back(&row);
    }
    if (rows.empty())
        fail_input("{}: no row has split 'train'; nothing to train on", cohort.source);
    return rows;
}

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

std::uint64_t bytes_of(const PreparedWindow& window) {
    std::uint64_t bytes = 0;
    for (const auto& samples : window.samples) bytes += samples.size() * sizeof(float);
    return bytes;
}

}  // namespace

std::vector<WindowStore::Place> WindowStore::places_of(const Cohort& cohort,
                                                       const CohortRow& row) const {
    const std::filesystem::path path = cohort.path_of(row);
    const RecordingInfo info = read_ecg_info(path);
    const auto at = [&info](double seconds) {
        return static_cast<std::uint64_t>(std::llround(seconds * info.sampling_rate));
    };
    const std::uint64_t begin = row.start_s ? std::min(at(*row.start_s), info.samples) : 0;
    const std::uint64_t end =
        row.duration_s ? std::min(begin + at(*row.duration_s), info.samples) : info.samples;
    const double seconds = static_cast<double>(end - begin) / info.sampling_rate;
    if (seconds + 1e-9 < options_.shortest_seconds) {
        fail_input("{}: {:.4g} s long, a view takes {:g} s", path.string(), seconds,
                   options_.shortest_seconds);
    }
    const std::uint64_t length = at(preprocessor_.recipe().window_seconds);
    if (end - begin <= length) return {{path.string(), begin, end}};
    std::vector<Place> places;
    for (std::uint64_t from = begin; from + length <= end; from += length) {
        places.push_back({path.string(), from, from + length});
    }
    return places;
}

PreparedWindow WindowStore::prepare(const Place& place) const {
    ReadOptions read;
    read.from = place.from;
    read.to = place.to;
    const Recording recording = read_ecg(place.path, read);
    PreparedWindow window;
    std::vector<std::span<const float>> usable;
    std::vector<std::string> names;
    for (const Lead& lead : recording.leads) {
        if (!has_sample(lead.samples) || !changes(lead.samples)) continue;
        usable.emplace_back(lead.samples);
        names.push_back(fmt::format("{}: lead {}", place.path, lead.name));
        window.leads.push_back(lead.name);
    }
    if (window.leads.empty()) {
        fail_input("{}: from sample {}: every lead is flat or missing", place.path, place.from);
    }
    window.samples = preprocessor_.condition(usable, recording.sampling_rate, names);
    return window;
}

std::vector<WindowStore::Loaded> WindowStore::load(
    const Cohort& cohort, const std::vector<const CohortRow*>& rows) const {
    std::vector<Loaded> loaded(rows.size());
    std::atomic<std::uint64_t> memory{0};
    Progress progress("preparing recordings", rows.size(), "recordings");
    parallel_for(rows.size(), options_.threads, [&](std::size_t i) {
        try {
            loaded[i].places = places_of(cohort, *rows[i]);
            for (const Place& place : loaded[i].places) {
                auto window = std::make_shared<const PreparedWindow>(prepare(place));
                const bool keep = (memory += bytes_of(*window)) <= options_.memory_bytes;
                loaded[i].windows.push_back(keep ? std::move(window) : nullptr);
            }
        } catch (const InputError& error) {
            if (!options_.skip_bad) {
                fail_input("{}. --skip-bad goes on without such recordings and lists them",
                           error.what());
            }
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
        if (fresh) patients_.push_back({row.patient_id, 0, row.missing.value_or(1), {}});
        TrainingPatient& patient = patients_[it->second];
        if (row.risk) patient.risk += (*row.risk - patient.risk) / ++risks[row.patient_id];
        for (std::size_t w = 0; w < loaded[i].places.size(); ++w) {
            patient.windows.push_back(places_.size());
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
    : preprocessor_(recipe), options_(options), skipped_(cohort.skipped) {
    const auto rows = training_rows(cohort);
    gather(rows, load(cohort, rows));
    if (options.rank_risks) rank_risks(patients_);
}

std::shared_ptr<const PreparedWindow> WindowStore::window(std::size_t index) const {
    if (kept_[index]) return kept_[index];
    return std::make_shared<const PreparedWindow>(prepare(places_[index]));
}

}  // namespace clef
