// From a cohort's row to the windows its views are cut from: where they lie in the recording, and
// their leads read. Both the window store and `clef prepare` use
// it. Thread-safe once made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"
#include "encoder/preprocess.hpp"
#include "pretraining/view_window.hpp"

namespace clef {

struct WindowPlace {
    std::string path;
    std::uint64_t from = 0;  // samples of the recording
    std::uint64_t to = 0;
};

struct RowPlaces {
    double seconds = 0;  // of the row's whole stretch
    std::vector<WindowPlace> places;
};

class WindowSource {
  public:
    explicit WindowSource(const Recipe& recipe) : preprocessor_(recipe) {}

    const Preprocessor& preprocessor() const { return preprocessor_; }
    // Windows of the recipe's length one behind the other; one shorter window where the stretch is
    // no longer than that. InputError for a recording that cannot be opened.
    RowPlaces places_of(const Cohort& cohort, const CohortRow& row) const;
    // Lives no longer than this. InputError for a recording that cannot be read, or of which every
    // lead is flat or missing.
    UnfilteredWindow read(const WindowPlace& place) const;

  private:
    Preprocessor preprocessor_;
};

// The rows with that split; where no row has a split, all are "train". InputError when there is
// none.
std::vector<const CohortRow*> rows_of_split(const Cohort& cohort, const std::string& split);

}  // namespace clef
