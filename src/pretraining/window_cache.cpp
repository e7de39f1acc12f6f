#include "pretraining/window_cache.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/threads.hpp"
#include "cohort/skip_hint.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t rows_per_shard = 64;

fs::path shard_path(const fs::path& folder, std::size_t index) {
    return folder / fmt::format("shard-{:05}.safetensors", index);
}

// A folder that is new, or a cache of this recipe, whole or begun.
void check_folder(const fs::path& folder, const Recipe& recipe) {
    make_folder(folder);
    const fs::path own = folder / "recipe.json";
    const std::string text = recipe_json(recipe).dump();
    if (fs::exists(own)) {
        if (read_text_file(own, 1 << 20) == text) return;
        fail_input("{}: holds a cache of another recipe; choose another folder", folder.string());
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        fail_input("{}: holds {}, which is no cache; choose another folder", folder.string(), name);
    }
    write_file(own, text);
}

// The rows of a shard that is there, whole, and of these very rows; else nothing.
std::vector<CachedRow> existing_shard(const fs::path& path, const Recipe& recipe,
                                      const std::vector<std::string>& keys) {
    if (!fs::exists(path)) return {};
    try {
        const CacheShard shard(path, recipe);
        std::vector<std::string> found;
        for (const CachedRow& row : shard.rows()) found.push_back(row.key);
        return found == keys ? shard.rows() : std::vector<CachedRow>();
    } catch (const InputError& error) {
        warn(fmt::format("made again: {}", error.what()));
        return {};
    }
}

}  // namespace

CacheOutcome write_window_cache(const Cohort& cohort, const Recipe& recipe,
                                const CacheRequest& request) {
    const WindowSource source(recipe);
    const auto rows = rows_of_split(cohort, "train");
    check_folder(request.folder, recipe);
    const std::size_t shards = (rows.size() + rows_per_shard - 1) / rows_per_shard;
    std::vector<std::vector<CachedRow>> cached(shards);
    std::atomic<std::size_t> kept{0};
    Progress progress("preparing recordings", rows.size(), "recordings");
    parallel_for(shards, request.threads, [&](std::size_t s) {
        if (request.stop != nullptr && *request.stop) return;
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(s * rows_per_shard);
        const auto count = std::min(rows_per_shard, rows.size() - s * rows_per_shard);
        const std::vector<const CohortRow*> own(first, first + static_cast<std::ptrdiff_t>(count));
        std::vector<std::string> keys;
        for (const CohortRow* row : own) keys.push_back(cache_key(cohort, *row));
        const fs::path path = shard_path(request.folder, s);
        cached[s] = existing_shard(path, recipe, keys);
        if (cached[s].empty()) {
            cached[s] = write_cache_shard(path, source, cohort, own, request.skip_bad);
        } else {
            ++kept;
        }
        progress.add(count);
    });
    CacheOutcome outcome;
    outcome.rows = rows.size();
    outcome.shards = shards;
    outcome.kept = kept;
    outcome.interrupted =
        std::any_of(cached.begin(), cached.end(), [](const auto& shard) { return shard.empty(); });
    if (outcome.interrupted) return outcome;
    for (std::size_t s = 0; s < shards; ++s) {
        outcome.bytes += fs::file_size(shard_path(request.folder, s));
        for (std::size_t i = 0; i < cached[s].size(); ++i) {
            const CachedRow& row = cached[s][i];
            outcome.windows += row.leads.size();
            if (row.trouble.empty()) continue;
            outcome.skipped.emplace_back(rows[s * rows_per_shard + i]->record, row.trouble);
        }
    }
    if (!request.skip_bad && !outcome.skipped.empty()) {
        fail_unless_skipped(outcome.skipped.front().second);
    }
    const nlohmann::json manifest = {{"version", cache_version},
                                     {"recipe", recipe_json(recipe)},
                                     {"cohort", cohort.source},
                                     {"shards", shards},
                                     {"rows", rows.size()}};
    write_file(request.folder / "cache.json", manifest.dump(2) + "\n");
    return outcome;
}

WindowCache::WindowCache(const fs::path& folder, const Recipe& recipe, unsigned threads)
    : folder_(folder) {
    const fs::path manifest = folder / "cache.json";
    if (!fs::exists(manifest)) {
        fail_input("{}: no cache.json; expected a folder that `clef prepare` has finished",
                   folder.string());
    }
    std::size_t count = 0;
    try {
        const auto found = nlohmann::json::parse(read_text_file(manifest, 1 << 20));
        count = found.at("shards").get<std::size_t>();
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: {}", manifest.string(), error.what());
    }
    if (count > 10'000'000) fail_input("{}: {} shards cannot be", manifest.string(), count);
    shards_.resize(count);
    Progress progress("checking the cache", count, "shards");
    parallel_for(count, threads, [&](std::size_t s) {
        shards_[s] = std::make_unique<CacheShard>(shard_path(folder, s), recipe);
        progress.add();
    });
    for (std::size_t s = 0; s < count; ++s) {
        const auto& rows = shards_[s]->rows();
        for (std::size_t i = 0; i < rows.size(); ++i) rows_[rows[i].key] = {s, i};
    }
}

WindowCache::Place WindowCache::find(const Cohort& cohort, const CohortRow& row) const {
    const auto it = rows_.find(cache_key(cohort, row));
    if (it == rows_.end()) {
        fail_input(
            "{}: does not hold {}; it was prepared from another cohort. Run `clef prepare` "
            "on this one",
            folder_.string(), cohort.path_of(row).string());
    }
    return it->second;
}

}  // namespace clef
