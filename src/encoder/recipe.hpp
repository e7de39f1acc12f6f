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
    // Butterworth band-pass run forward and backward; order 0: none.
    int band_pass_order = 5;
    double band_pass_low = 0.67;  // Hz
    double band_pass_high = 40;   // Hz
    bool z_score = true;          // per lead: (x − mean) ÷ (population deviation + epsilon)
    double epsilon = 1e-8;

    bool operator==(const Recipe&) const = default;
    std::size_t window_samples() const {
        return static_cast<std::size_t>(std::llround(sampling_rate * window_seconds));
    }
};

// CLEF's own (arXiv 2512.02180; filter as in the released code): lead I or all twelve.
Recipe clef_recipe(int leads = 1);

// JSON with units in the key names. Reading refuses unknown, missing and impossible values.
nlohmann::json recipe_json(const Recipe& recipe);
Recipe parse_recipe(const nlohmann::json& json, const std::string& source);

// One line for a person: "lead I, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score".
std::string recipe_text(const Recipe& recipe);

}  // namespace clef
