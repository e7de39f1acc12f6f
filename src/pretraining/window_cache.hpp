// Prepared windows on the disk, so that later epochs and runs do not read and filter again: a
// folder of shards, each the windows of up to 64 of a cohort's training rows.
//
//   CACHE/recipe.json              the recipe, written first
//   CACHE/cache.json               version, recipe, number of shards; written last
//   CACHE/shard-00000.safetensors  metadata "clef.cache": version, recipe and the rows (recording,
//                                  stretch, windows, leads); "clef.checksum"; a float32 tensor
//                                  leads × samples per window, named ROW.WINDOW
//
// Shards are memory-mapped and written atomically; one that is there and whole is kept when a
// writer that was killed is started again. What comes out of a cache is what preparing again would
// give, to the last bit.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pretraining/cache_shard.hpp"

namespace clef {

struct CacheRequest {
    std::filesystem::path folder;
    unsigned threads = 0;
    bool skip_bad = false;  // recordings that cannot be used are noted in the cache, and listed
    const std::atomic<bool>* stop = nullptr;  // set by a signal: return after the shards begun
};

struct CacheOutcome {
    std::size_t rows = 0;
    std::size_t windows = 0;
    std::size_t shards = 0;
    std::size_t kept = 0;  // shards that were there already
    std::uint64_t bytes = 0;
    bool interrupted = false;
    std::vector<std::pair<std::string, std::string>> skipped;  // record, reason
};

// Errors: InputError for a recording that cannot be used (unless skip_bad) and for a folder that
// holds something else or a cache of another recipe; RunError for a disk that cannot be written.
CacheOutcome write_window_cache(const Cohort& cohort, const Recipe& recipe,
                                const CacheRequest& request);

// Thread-safe once opened.
class WindowCache {
  public:
    struct Place {  // of a row
        std::size_t shard = 0;
        std::size_t row = 0;
    };

    // Checks every shard. Errors: InputError naming the shard that is damaged or absent, and for a
    // cache of another recipe or one that was not finished.
    WindowCache(const std::filesystem::path& folder, const Recipe& recipe, unsigned threads);

    // InputError for a row that the cache does not hold.
    Place find(const Cohort& cohort, const CohortRow& row) const;
    const CachedRow& row(const Place& place) const {
        return shards_[place.shard]->rows()[place.row];
    }
    const KeptWindow& window(const Place& place, std::size_t window) const {
        return shards_[place.shard]->window(place.row, window);
    }

  private:
    std::filesystem::path folder_;
    std::vector<std::unique_ptr<CacheShard>> shards_;
    std::map<std::string, Place> rows_;
};

}  // namespace clef
