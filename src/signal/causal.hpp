// Filtering forward only, sample by sample, for signals without an end: the state lives between
// calls, so that a signal gives the same values in whatever pieces it comes.
//
// Sections in direct form II transposed, as scipy.signal.sosfilt. The first sample is taken to have
// lasted for ever (sosfilt_zi): a constant does not ring at the beginning, whatever its size.
#pragma once

#include <span>
#include <vector>

#include "signal/butterworth.hpp"

namespace clef {

// Immutable after construction: one object serves any number of signals, each with its own state.
class CausalFilter {
  public:
    class State {
        friend class CausalFilter;
        std::vector<double> values_;
        bool started_ = false;
    };

    // Sections of first or second order in the order in which they run; none: nothing is changed.
    // Errors: InputError for a longer section, or one whose a[0] is zero.
    explicit CausalFilter(const std::vector<FilterCoefficients>& sections);

    // In place. Every sample must be a number: one NaN spoils all that follow.
    void run(std::span<double> samples, State& state) const;

  private:
    struct Section {
        double b[3];
        double a[3];
        double steady[2];  // state under a constant input of 1
        double gain;       // of a constant
    };
    std::vector<Section> sections_;
};

}  // namespace clef
