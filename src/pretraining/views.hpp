// The two views of a patient that contrastive pretraining compares: which leads, which stretch,
// what is done to them. Every draw is keyed by (seed, epoch, sample), so a view depends neither on
// the number of threads nor on where a run was interrupted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "pretraining/augmentation.hpp"
#include "pretraining/view_window.hpp"

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
    // The second view from another recording of the same patient, where there is one, else from
    // another window of the same recording.
    bool other_recordings = false;
    // Each view runs faster or slower by a factor exp(u), u uniform within ± this: the heart rate
    // is the shortcut by which recordings are told apart most easily.
    double time_scale = 0;
    AugmentationOptions augmentation;
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
std::vector<float> stretched(std::span<const float> lead, const ViewDraw& draw, std::size_t wanted);

// InputError for impossible probabilities, fractions or lead rules.
void check_views(const ViewOptions& options);

// The random numbers of one pair of views. What the newer augmentations draw has a stream of its
// own, so that switching one on leaves the leads, stretches, noise and masks as they were.
struct ViewRandom {
    ViewRandom(std::uint64_t seed, std::uint64_t epoch, std::uint64_t patient)
        : views(seed, "views", epoch, patient),
          augmentation(seed, "augmentation", epoch, patient) {}
    Random views;
    Random augmentation;
};

// Makes the views. Thread-safe once made.
class ViewMaker {
  public:
    // Reads the recorded noise, where the options name files of it. InputError for those, and where
    // a view is longer than the recipe's window.
    ViewMaker(const ViewOptions& options, const Preprocessor& preprocessor);

    std::size_t samples() const { return samples_; }  // of a view
    // Both windows are one object where both views are cut from the same. Writes samples() values
    // to each target; returns what was drawn.
    ViewPair make(const ViewWindow& first, const ViewWindow& second, ViewRandom& random,
                  float* first_target, float* second_target) const;

  private:
    void write(std::span<const float> lead, const ViewDraw& draw, ViewRandom& random,
               float* target) const;

    ViewOptions options_;
    const Preprocessor& preprocessor_;
    NoiseBank noise_;  // no kinds: synthetic
    std::size_t samples_;
};

}  // namespace clef
