// Zero-phase filtering: a filter run forward and then backward over a signal, so that nothing is
// delayed and the magnitude response is squared.
//
// As scipy.signal.filtfilt with its defaults: the signal is extended at both ends by its odd
// reflection, 3 · max(len(a), len(b)) samples long, and each run starts in the state of a filter
// that has seen the first sample forever (Gustafsson, "Determining the initial states in
// forward-backward filtering", IEEE Trans. Signal Processing 44, 1996, gives the background).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "signal/butterworth.hpp"

namespace clef {

// Immutable after construction: one object serves any number of threads.
class ZeroPhaseFilter {
  public:
    // Errors: InputError when a is empty or a[0] is zero.
    explicit ZeroPhaseFilter(const FilterCoefficients& coefficients);

    // Arithmetic in double. Every sample must be a number: one NaN spoils the whole output, so fill
    // gaps first (normalise.hpp).
    // Errors: InputError unless the signal is longer than padding().
    std::vector<float> apply(std::span<const float> signal) const;
    std::vector<double> apply(std::span<const double> signal) const;

    // Several signals of one length, in place, side by side in SIMD lanes: what apply() gives for
    // each, to the last bit, in a fraction of the time.
    // Errors: InputError unless they are equally long, and longer than padding().
    void apply_all(std::vector<std::vector<double>>& signals) const;

    // Samples of extension at each end; signals must be longer.
    std::size_t padding() const { return 3 * b_.size(); }

    // The state that keeps the output steady under a constant input of 1, per delay.
    const std::vector<double>& steady_state() const { return steady_state_; }

  private:
    void check_length(std::size_t samples) const;
    void run(std::span<double> samples) const;
    void apply_lanes(std::span<std::vector<double>> signals) const;
    template <typename Sample>
    std::vector<Sample> apply_to(std::span<const Sample> signal) const;

    std::vector<double> b_;
    std::vector<double> a_;
    double constant_gain_ = 0;
    std::vector<double> steady_state_;
};

}  // namespace clef
