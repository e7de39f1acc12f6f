// One shard of a window cache (window_cache.hpp has the layout): made from a cohort's rows, and
// read back.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "encoder/safetensors.hpp"
#include "pretraining/window_source.hpp"

namespace clef {

inline constexpr int cache_version = 1;

// What a row of a cohort is found by: the recording's full path, and its stretch.
std::string cache_key(const Cohort& cohort, const CohortRow& row);

struct CachedRow {
    std::string key;
    double seconds = 0;
    std::string trouble;                          // why it cannot be used; "" where it can
    std::vector<std::vector<std::string>> leads;  // of every window
};

// ROW.WINDOW
std::string cached_window_name(std::size_t row, std::size_t window);

// Reads and filters the rows and writes the shard. InputError for a row that cannot be used, unless
// skip_bad.
std::vector<CachedRow> write_cache_shard(const std::filesystem::path& path,
                                         const WindowSource& source, const Cohort& cohort,
                                         const std::vector<const CohortRow*>& rows, bool skip_bad);

// A shard, mapped and checked.
class CacheShard {
  public:
    // InputError naming the file when it is damaged, of another version or of another recipe.
    CacheShard(const std::filesystem::path& path, const Recipe& recipe);
    const std::vector<CachedRow>& rows() const { return rows_; }
    // Mapped: lives no longer than this.
    const KeptWindow& window(std::size_t row, std::size_t window) const {
        return windows_[row][window];
    }
    std::size_t bytes() const { return file_.bytes().size(); }

  private:
    void parse(const std::string& text, const Recipe& recipe);
    void find_windows();

    std::string path_;
    MappedFile file_;
    SafetensorsHeader header_;
    std::vector<CachedRow> rows_;
    std::vector<std::vector<KeptWindow>> windows_;  // of each row
};

}  // namespace clef
