// The two views of a patient that contrastive pretraining compares: which leads, which stretch,
// what is done to them. Every draw is keyed by (seed, epoch, sample), so a view depends neither on
// the number of threads nor on where a run was interrupted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace clef {

struct ViewOptions {
    // The first view's lead: a name ("I"), or "random" among those the recording has. A recording
    // without the named lead gives a random one of its own.
    std::string first_lead = "random";
    // The second view's: "random", "same" as the first, "released" (the same with probability 0.8,
    // else random: the released code's rule), or a name.
    std::string second_lead = "random";
    // The chance that a named lead is taken; otherwise a random one of those there are.
    double first_named_probability = 1;
    double second_named_probability = 1;
    double crop_seconds = 10;  // length of both views; the encoder's window at most
    std::string second_crop =
        "own";  // "own" stretch for the second view, or the "same" as the first
    bool other_recordings =
        false;  // the second view from another recording of the same patient, where there is one
    // Each view runs faster or slower by a factor exp(u), u uniform within ± this: the heart rate
    // is the shortcut by which recordings are told apart most easily.
    double time_scale = 0;
    double noise_probability = 0;  // of synthetic noise in a view
    double noise_rms = 0.1;        // relative to the view's own deviation
    double mask_probability = 0;   // of zeroing one stretch of a view
    double mask_low = 0.1;         // shortest and longest masked stretch, as fractions of the view
    double mask_high = 0.3;
};

// The stretch of a lead that becomes a view, as drawn.
struct ViewDraw {
    std::size_t lead = 0;    // index among the recording's leads
    std::size_t start = 0;   // sample
    std::size_t length = 0;  // samples that are stretched or squeezed to the view's own
};

struct ViewPair {
    ViewDraw first;
    ViewDraw second;
};

// leads: canonical names of the recording's leads. lengths: samples of the first and the second
// recording (the same one unless other_recordings); crop: samples of a view.
ViewPair draw_views(const ViewOptions& options, const std::vector<std::string>& first_leads,
                    const std::vector<std::string>& second_leads, std::size_t first_samples,
                    std::size_t second_samples, std::size_t crop, Random& random);

// `length` samples of a lead, linearly interpolated to `wanted`.
std::vector<float> stretched(const std::vector<float>& lead, const ViewDraw& draw,
                             std::size_t wanted);

// Turns a stretch of filtered lead into the encoder's input, in place: noise, then masking; the
// recipe normalises afterwards. rate: Hz. Synthetic noise is a mixture of baseline wander (0.05–0.5
// Hz), muscle (white) and mains hum (50 or 60 Hz), one of them or all, at noise_rms times the
// view's deviation.
void augment(const ViewOptions& options, std::vector<float>& view, double rate, Random& random);

// InputError for impossible probabilities, fractions or lead rules.
void check_views(const ViewOptions& options);

}  // namespace clef
