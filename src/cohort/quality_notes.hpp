// What an interrupted `clef index` had measured already: a line for every recording, appended as it
// comes and found again by the next run.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "cohort/recording_quality.hpp"

namespace clef {

// Of one row of a cohort.
struct MeasuredQuality {
    QualitySummary summary;
    std::string lead;
    std::string checksum;
    std::string trouble;  // why there is none; such a one is not noted
};

// Thread-safe.
class QualityNotes {
  public:
    // Takes up the file where it is there and was written with the same settings; what a crash left
    // of its last line is not. An empty path: nothing is kept. RunError where it cannot be written.
    QualityNotes(const std::filesystem::path& file, const std::string& settings);

    // What says that a row is the same as when it was measured: recording, stretch, and the size
    // and time of its file (a WFDB record's: its header).
    static std::string key_of(const Cohort& cohort, const CohortRow& row);

    std::optional<MeasuredQuality> find(const std::string& key) const;
    void add(const std::string& key, const MeasuredQuality& measured);
    std::size_t found() const { return known_.size(); }

  private:
    std::map<std::string, MeasuredQuality> known_;  // from the file, not changed later
    std::ofstream file_;
    std::mutex mutex_;
};

}  // namespace clef
