// The recordings a trainer cuts its views from: windows of filtered leads at the recipe's rate, not
// yet normalised, kept in memory as far as the budget goes and prepared again beyond it, or taken
// from a cache on the disk (window_cache.hpp). What comes out is the same in every case.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"
#include "pretraining/window_cache.hpp"

namespace clef {

// A patient's windows, from all of the patient's recordings.
struct TrainingPatient {
    std::string patient_id;
    double risk = 0;  // fraction, NaN where missing: the mean over the patient's rows that have one
    double missing = 0;  // fraction of the attributes
    std::vector<std::size_t> windows;
    std::vector<std::size_t> recordings;  // parallel: which of the training rows each is from
};

struct WindowStoreOptions {
    unsigned threads = 0;
    std::uint64_t memory_bytes = std::uint64_t{8} << 30;
    double shortest_seconds = 10;  // recordings shorter than this cannot give a view
    bool rank_risks = false;       // TrainingPatient::risk is the patient's rank by risk, 0–1
    std::string cache;             // a folder that `clef prepare` has made; empty: none
    bool skip_bad = false;         // leave out recordings that cannot be used, and list them
    // The rows taken: those of this split. Only where no row has a split are all "train".
    std::string split = "train";
};

class WindowStore {
  public:
    // The rows of the cohort with the split asked for. Reads every recording once, unless there is
    // a cache. Errors: InputError for the first recording that cannot be used, unless skip_bad;
    // those of WindowCache.
    WindowStore(const Cohort& cohort, const Recipe& recipe, const WindowStoreOptions& options);

    const std::vector<TrainingPatient>& patients() const { return patients_; }
    // "record: reason" of each recording left out.
    const std::vector<std::pair<std::string, std::string>>& skipped() const { return skipped_; }
    double sampling_rate() const { return preprocessor().recipe().sampling_rate; }
    const Preprocessor& preprocessor() const { return source_.preprocessor(); }

    // Lives no longer than this. Thread-safe.
    std::shared_ptr<const ViewWindow> window(std::size_t index) const;
    std::size_t window_count() const { return places_.size(); }

  private:
    struct Place {  // where a window comes from
        WindowPlace recording;
        WindowCache::Place cached;  // where there is a cache
        std::size_t index = 0;      // of the window among its row's
    };
    struct Loaded {  // a cohort row's windows, or why there are none
        std::vector<Place> places;
        std::vector<std::shared_ptr<const ViewWindow>> windows;
        std::string trouble;
    };
    void check_length(const std::string& recording, double seconds) const;
    Loaded load_cached(const Cohort& cohort, const CohortRow& row) const;
    Loaded load_recording(const Cohort& cohort, const CohortRow& row,
                          std::atomic<std::uint64_t>& memory) const;
    std::vector<Loaded> load(const Cohort& cohort, const std::vector<const CohortRow*>& rows) const;
    void gather(const std::vector<const CohortRow*>& rows, std::vector<Loaded> loaded);

    WindowSource source_;
    WindowStoreOptions options_;
    std::unique_ptr<WindowCache> cache_;  // none: recordings are read
    std::vector<Place> places_;
    std::vector<std::shared_ptr<const ViewWindow>> kept_;
    std::vector<TrainingPatient> patients_;
    std::vector<std::pair<std::string, std::string>> skipped_;
};

}  // namespace clef
