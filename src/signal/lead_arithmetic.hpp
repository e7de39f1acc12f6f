// Loops over a lead's samples that are most of what making a view costs: dispatched at run time to
// the machine's instruction set, the same bits on all of them. Thread-safe.
#pragma once

#include <span>

namespace clef {

struct Moments {
    double mean = 0;
    double deviation = 0;  // of the population
};

// Two passes, in double; both 0 of no samples. Every sample must be a number.
Moments moments_of(std::span<const float> samples);

// (x − mean) · factor, in double, in place.
void centre_and_scale(std::span<float> samples, double mean, double factor);

// Each sample and `factor` times the other's: as many of both.
void add_scaled(std::span<float> samples, std::span<const double> other, double factor);

// values[i] += amplitude · sin(phase + i · step), to 1e-14 of the amplitude and of the phase's
// rounding.
void add_sine(std::span<double> values, double amplitude, double step, double phase);

}  // namespace clef
