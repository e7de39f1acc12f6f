#include "encoder/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "signal/normalise.hpp"
#include "signal/resample.hpp"

namespace clef {

namespace {

std::vector<const Lead*> chosen_leads(const Recording& recording, const Recipe& recipe,
                                      const WindowOptions& options) {
    const std::vector<std::string>& names = options.leads.empty() ? recipe.leads : options.leads;
    if (names.size() != recipe.leads.size()) {
        fail_input("{}: {} leads asked for, the encoder takes {}", recording.source, names.size(),
                   recipe.leads.size());
    }
    std::vector<const Lead*> leads;
    for (const std::string& name : names) {
        const Lead& lead = recording.lead(name);
        if (!recipe.z_score && !lead.in_millivolts) {
            fail_input(
                "{}: lead {} is in '{}' and the recipe needs millivolts; say what the unit is "
                "with --units",
                recording.source, lead.name, lead.unit);
        }
        leads.push_back(&lead);
    }
    return leads;
}

// No two samples differ (missing ones aside).
bool is_flat(std::span<const float> samples) {
    float lowest = std::numeric_limits<float>::infinity();
    float highest = -lowest;
    for (const float sample : samples) {  // comparisons with NaN are false and leave both alone
        if (sample < lowest) lowest = sample;
        if (sample > highest) highest = sample;
    }
    return lowest >= highest;
}

std::size_t missing_samples(std::span<const float> samples) {
    return static_cast<std::size_t>(std::count_if(samples.begin(), samples.end(),
                                                  [](float value) { return std::isnan(value); }));
}

}  // namespace

Preprocessor::Preprocessor(Recipe recipe) : recipe_(std::move(recipe)) {
    if (recipe_.band_pass_order > 0) {
        filter_ = std::make_unique<const ZeroPhaseFilter>(
            butterworth_band_pass(recipe_.band_pass_order, recipe_.band_pass_low,
                                  recipe_.band_pass_high, recipe_.sampling_rate));
    }
}

std::vector<float> Preprocessor::condition(std::span<const float> samples, double rate,
                                           const std::string& what) const {
    std::vector<float> values(samples.begin(), samples.end());
    if (!interpolate_missing(values)) {
        fail_input("{}: every sample is missing; expected at least one number", what);
    }
    if (rate != recipe_.sampling_rate) {
        const double wanted = static_cast<double>(values.size()) * recipe_.sampling_rate / rate;
        values = fourier_resample(values, static_cast<std::size_t>(std::llround(wanted)));
    }
    if (!filter_) return values;
    if (values.size() <= filter_->padding()) {
        fail_input("{}: {} samples are too few for the band-pass; expected more than {}", what,
                   values.size(), filter_->padding());
    }
    return filter_->apply(values);
}

void Preprocessor::normalise(std::span<float> samples) const {
    if (recipe_.z_score) z_score(samples, recipe_.epsilon);
}

std::vector<Window> Preprocessor::windows(const Recording& recording,
                                          const WindowOptions& options) const {
    const auto leads = chosen_leads(recording, recipe_, options);
    const auto source_window =
        static_cast<std::size_t>(std::llround(recipe_.window_seconds * recording.sampling_rate));
    if (source_window == 0) {
        fail_input("{}: sampled at {:g} Hz, too slow for a window of {:g} s", recording.source,
                   recording.sampling_rate, recipe_.window_seconds);
    }
    const bool is_short = recording.samples() < source_window;
    if (is_short && !options.pad_short) {
        fail_input("{}: {:.4g} s long, the encoder's window is {:g} s; --pad puts zeros behind it",
                   recording.source, recording.seconds(), recipe_.window_seconds);
    }
    const std::size_t length = is_short ? recording.samples() : source_window;
    const std::size_t count = is_short ? 1 : recording.samples() / source_window;
    const std::size_t wanted = recipe_.window_samples();
    std::vector<Window> windows(count);
    for (std::size_t w = 0; w < count; ++w) {
        Window& window = windows[w];
        window.start_seconds = static_cast<double>(w * length) / recording.sampling_rate;
        std::size_t missing = 0;
        for (const Lead* lead : leads) {
            const auto stretch = std::span(lead->samples).subspan(w * length, length);
            missing += missing_samples(stretch);
            const std::string what = fmt::format("{}: lead {} from {:g} s", recording.source,
                                                 lead->name, window.start_seconds);
            std::vector<float> prepared = condition(stretch, recording.sampling_rate, what);
            window.flat = window.flat || is_flat(stretch);
            normalise(prepared);
            prepared.resize(wanted);
            window.samples.insert(window.samples.end(), prepared.begin(), prepared.end());
        }
        window.missing = static_cast<double>(missing) / static_cast<double>(length * leads.size());
    }
    return windows;
}

}  // namespace clef
