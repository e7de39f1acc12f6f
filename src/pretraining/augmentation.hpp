// What is done to a view to make it harder to recognise. Each step leaves the view alone when its
// probability is 0. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "pretraining/noise.hpp"

namespace clef {

struct AugmentationOptions {
    double noise_probability = 0;
    double noise_rms = 0.1;  // relative to the view's own deviation, unless:
    // "deviation": noise_rms is a fraction of the view's standard deviation. "millivolts": it is
    // in millivolts (the recordings' unit), as the CLEF article's 0.1.
    std::string noise_scale = "deviation";
    std::vector<std::string> noise_files;  // recorded noise (noise_files.hpp); none: synthetic
    double noise_rate = 0;                 // Hz, of noise files that do not say it
    double mask_probability = 0;           // of zeroing one stretch of a view
    double mask_low = 0.1;  // shortest and longest masked stretch, as fractions of the view
    double mask_high = 0.3;
    double hum_probability = 0;  // of mains hum, beside the noise
    double hum_rms = 0.1;        // relative to the view's own deviation
    double hum_frequency = 0;    // Hz; 0: 50 or 60, drawn evenly
    double shift_probability = 0;
    double shift_seconds = 0.1;  // the view moves earlier or later by at most this
    double scale_probability = 0;
    double scale_range = 0.2;  // the normalised view is multiplied by a factor within 1 ± this
};

// InputError for impossible probabilities and fractions.
void check_augmentation(const AugmentationOptions& options);

// Recorded noise from the bank, or synthetic where it holds none. rate: Hz.
void add_noise(const AugmentationOptions& options, std::vector<float>& view, double rate,
               const NoiseBank& bank, Random& random);
// A sine of the mains' frequency.
void add_hum(const AugmentationOptions& options, std::vector<float>& view, double rate,
             Random& random);
// One stretch becomes zero.
void mask(const AugmentationOptions& options, std::vector<float>& view, Random& random);
// The view moves; zeros come in at its end or beginning.
void shift(const AugmentationOptions& options, std::vector<float>& view, double rate,
           Random& random);
// Only after the recipe's normalisation, which would undo it.
void scale(const AugmentationOptions& options, std::vector<float>& view, Random& random);

}  // namespace clef
