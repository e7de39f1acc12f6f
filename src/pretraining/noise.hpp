// Noise that a view gets on top: recorded (noise_files.hpp reads it), or synthetic where there are
// no recordings. Pure functions of their random numbers; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace clef {

// One kind of noise: "baseline wander", "BW", …
struct NoiseKind {
    std::string name;
    std::vector<std::vector<float>> channels;  // at the recipe's rate, all of one length
    bool is_mixture = false;                   // of the other kinds, as recorded or mixed by others
};

struct NoiseBank {
    std::vector<NoiseKind> kinds;
};

// `samples` of recorded noise with mean 0 and RMS 1 (all zeros where the stretch drawn is flat).
// The kind is drawn evenly from those of the bank and their mixture (a sum of one stretch each,
// where the bank has no mixture of its own), as the CLEF article does with four; so are channel and
// start. The bank has at least one kind, and every channel at least `samples`.
std::vector<double> recorded_noise(const NoiseBank& bank, std::size_t samples, Random& random);

// One kind drawn evenly from baseline wander (a sine of 0.05–0.5 Hz), muscle (white noise), mains
// hum (50 or 60 Hz) and their mixture, of unit variance. rate: Hz.
std::vector<double> synthetic_noise(std::size_t samples, double rate, Random& random);

// A sine of random phase and unit RMS, added.
void add_wave(std::vector<double>& noise, double frequency, double rate, Random& random);

}  // namespace clef
