// Applies a recipe: recording → windows as the encoder sees them. The one place where this happens.
//
// A recording is cut into windows at its own sampling rate first, and each window is then prepared
// alone: missing samples filled, Fourier resampling, straight lines to the recipe's rate,
// zero-phase notch, band-pass, high-pass and low-pass, minus the running median, z-score (each
// where the recipe has it). So a window's input does not depend on what surrounds it, and a
// 10-second record and a window of a long one are treated alike (CLEF was pretrained on 10-second
// records).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoder/recipe.hpp"
#include "formats/recording.hpp"
#include "signal/zero_phase.hpp"

namespace clef {

struct Window {
    double start_seconds = 0;
    double missing = 0;          // fraction of its samples, before they were filled
    bool flat = false;           // a lead without any change: nothing to learn from
    std::vector<float> samples;  // leads × window samples
    // Which of the encoder's leads they are, for Session::run(); empty: all, in their order.
    std::vector<std::size_t> channels = {};
    // Like samples: 0 where there is none and the value means nothing; empty: all are.
    std::vector<std::uint8_t> observed = {};
};

struct WindowOptions {
    // The leads, by name; empty: the recipe's own. As many as those and in input order, or, where
    // the recipe takes fewer, any of them in any order.
    std::vector<std::string> leads;
    // Recordings shorter than a window: padded as the recipe says, once prepared, instead of a
    // refusal.
    bool pad_short = false;
    // What each of `leads` is to an encoder that knows its leads by name (one whose recipe takes
    // fewer): a monitor's ECG may be meant for lead I. Empty: what it is called.
    std::vector<std::string> leads_as = {};
};

// Thread-safe once made.
class Preprocessor {
  public:
    explicit Preprocessor(Recipe recipe);
    const Recipe& recipe() const { return recipe_; }

    // All whole windows, one after the other, or the first of them where the recipe says so; a
    // remainder shorter than a window is left out.
    // Errors, all InputErrors naming the recording: a lead absent (lists those present), shorter
    // than a window (names --pad), a lead with no sample at all, a unit that is not known where the
    // recipe needs millivolts; a lead given twice or not the encoder's, where that takes fewer.
    std::vector<Window> windows(const Recording& recording,
                                const WindowOptions& options = {}) const;

    // Steps of one lead's stretch at `rate` Hz, up to but not including the normalisation: what a
    // trainer keeps and cuts its views from. `what` names the stretch in messages. Double between
    // the filters, float32 at the end.
    std::vector<float> condition(std::span<const float> samples, double rate,
                                 const std::string& what) const;
    // How many samples come of so many at `rate`.
    std::size_t conditioned_samples(std::size_t samples, double rate) const;
    // The same for several leads of one recording, filtered side by side; `names` says which.
    std::vector<std::vector<float>> condition(const std::vector<std::span<const float>>& leads,
                                              double rate,
                                              const std::vector<std::string>& names) const;
    // `leads` leads of equal length, one behind the other: each by itself, or all together where
    // the recipe says so.
    void normalise(std::span<float> samples, std::size_t leads = 1) const;

  private:
    std::vector<double> filled(std::span<const float> samples, double rate,
                               const std::string& what) const;

    Recipe recipe_;
    struct Filter {
        const char* name;
        ZeroPhaseFilter filter;
    };
    std::vector<Filter> filters_;  // in the order in which they run
};

}  // namespace clef
