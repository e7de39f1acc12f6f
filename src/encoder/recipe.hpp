// The recipe: how a recording becomes an encoder's input. It travels in the model file, and every
// command applies it through encoder/preprocess.hpp, so that no two commands prepare an ECG
// differently.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace clef {

struct Recipe {
    std::string name = "clef";
    double sampling_rate = 500;  // Hz, reached by Fourier resampling
    double window_seconds = 10;
    // Lead names in input order. An encoder with one input channel takes any one lead; this is
    // then the default, and a command's --lead chooses another.
    std::vector<std::string> leads = {"I"};
    // What stands for a missing sample: the straight line between its neighbours, or zero.
    bool zero_missing = false;
    // Second-order notch run forward and backward (signal/notch.hpp); 0 Hz: none.
    double notch = 0;  // Hz
    double notch_quality = 30;
    // Butterworth band-pass run forward and backward; order 0: none.
    int band_pass_order = 5;
    double band_pass_low = 0.67;  // Hz
    double band_pass_high = 40;   // Hz
    // The running median of so many samples (an odd number, zeros beyond the ends) is taken away:
    // what is left of the baseline's wander; 0: none.
    int median_samples = 0;
    bool z_score = true;         // (x − mean) ÷ (population deviation + epsilon)
    bool joint_z_score = false;  // one mean and deviation for all leads, so that they keep their
                                 // relative sizes; else each lead has its own
    double epsilon = 1e-8;

    bool operator==(const Recipe&) const = default;
    std::size_t window_samples() const {
        return static_cast<std::size_t>(std::llround(sampling_rate * window_seconds));
    }
};

// CLEF's own (arXiv 2512.02180; filter as in the released code): lead I or all twelve.
Recipe clef_recipe(int leads = 1);

// ECGFounder's own (its released code): missing samples as zeros, a 50 Hz notch, a gentler
// band-pass, minus a median over 0.4 s, one z-score over all leads; lead I or all twelve.
Recipe ecgfounder_recipe(int leads = 1);

// Every recipe that has a name, for 1 or 12 leads; an InputError with a suggestion for any other.
std::vector<std::string> recipe_names();
Recipe named_recipe(const std::string& name, int leads = 1);

// JSON with units in the key names. A step added since the first model files is written only where
// it is used, so that files are readable by every program that can do what they ask. Reading
// refuses unknown, missing and impossible values.
nlohmann::json recipe_json(const Recipe& recipe);
Recipe parse_recipe(const nlohmann::json& json, const std::string& source);

// One line for a person, the steps in their order:
// "lead I, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score".
std::string recipe_text(const Recipe& recipe);

}  // namespace clef
