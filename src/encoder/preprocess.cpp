#include "encoder/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"
#include "signal/median.hpp"
#include "signal/normalise.hpp"
#include "signal/notch.hpp"
#include "signal/resample.hpp"

namespace clef {

namespace {

std::vector<const Lead*> chosen_leads(const Recording& recording, const Recipe& recipe,
                                      const WindowOptions& options) {
    const std::vector<std::string>& names = options.leads.empty() ? recipe.leads : options.leads;
    if (recipe.fewer_leads == FewerLeads::refused && names.size() != recipe.leads.size()) {
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

// Where each lead stands among the encoder's own; empty for a recipe that takes all or nothing,
// whose leads are the encoder's in the order given, whatever they are called.
std::vector<std::size_t> channels_of(const std::vector<const Lead*>& leads, const Recipe& recipe,
                                     const WindowOptions& options, const std::string& source) {
    std::vector<std::size_t> channels;
    if (recipe.fewer_leads == FewerLeads::refused) return channels;
    const std::vector<std::string>& meant = options.leads_as;
    if (!meant.empty() && meant.size() != leads.size()) {
        fail_input("{}: {} leads, and {} names for what they are meant as", source, leads.size(),
                   meant.size());
    }
    for (const Lead* lead : leads) {
        const std::string& called = meant.empty() ? lead->name : meant[channels.size()];
        const auto own =
            std::find_if(recipe.leads.begin(), recipe.leads.end(),
                         [&](const std::string& name) { return same_lead(name, called); });
        if (own == recipe.leads.end()) {
            fail_input(
                "{}: lead {} is none of the encoder's ({}); where it is meant for one of them, "
                "--lead-as (or --lead-names) says so",
                source, called, join(recipe.leads, " "));
        }
        const auto channel = static_cast<std::size_t>(own - recipe.leads.begin());
        if (std::find(channels.begin(), channels.end(), channel) != channels.end()) {
            fail_input("{}: lead {} asked for twice", source, lead->name);
        }
        channels.push_back(channel);
    }
    return channels;
}

// `leads` rows one behind the other, each padded or cut to `length` samples.
void fit(std::vector<float> rows, std::size_t leads, std::size_t length, const Recipe& recipe,
         Window& window) {
    const std::size_t own = rows.size() / leads;
    if (own == length) {
        window.samples = std::move(rows);
        return;
    }
    const std::size_t kept = std::min(own, length);
    const std::size_t before = recipe.padding_masked ? length - kept : 0;
    window.samples.assign(leads * length, 0);
    if (before > 0) window.observed.assign(leads * length, 0);
    for (std::size_t lead = 0; lead < leads; ++lead) {
        const std::size_t place = lead * length + before;
        std::copy_n(rows.data() + lead * own, kept, window.samples.data() + place);
        if (before > 0) std::fill_n(window.observed.data() + place, kept, 1);
    }
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

// How many samples come of so many at another rate.
std::size_t resampled(std::size_t samples, double from, double to) {
    return static_cast<std::size_t>(std::llround(static_cast<double>(samples) * to / from));
}

// From the first sample to the last, both kept.
std::vector<float> interpolated(const std::vector<float>& values, std::size_t count) {
    if (count == values.size()) return values;
    std::vector<float> result(count, values.front());
    const double last = static_cast<double>(values.size() - 1);
    for (std::size_t i = 1; i < count; ++i) {
        const double place = last * static_cast<double>(i) / static_cast<double>(count - 1);
        const auto left = std::min(static_cast<std::size_t>(place), values.size() - 1);
        const auto right = std::min(left + 1, values.size() - 1);
        const double part = place - static_cast<double>(left);
        result[i] = static_cast<float>((1 - part) * values[left] + part * values[right]);
    }
    return result;
}

void apply_filter(const ZeroPhaseFilter& filter, const char* name,
                  std::vector<std::vector<double>>& leads, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < leads.size(); ++i) {
        if (leads[i].size() > filter.padding()) continue;
        fail_input("{}: {} samples are too few for the {}; expected more than {}", names[i],
                   leads[i].size(), name, filter.padding());
    }
    filter.apply_all(leads);
}

}  // namespace

Preprocessor::Preprocessor(Recipe recipe) : recipe_(std::move(recipe)) {
    const double rate = recipe_.sampling_rate;
    const auto add = [this](const char* name, const FilterCoefficients& coefficients) {
        filters_.push_back({name, ZeroPhaseFilter(coefficients)});
    };
    if (recipe_.notch > 0) {
        add("notch", notch_filter(recipe_.notch, recipe_.notch_quality, rate));
    }
    if (recipe_.band_pass_order > 0) {
        add("band-pass", butterworth_band_pass(recipe_.band_pass_order, recipe_.band_pass_low,
                                               recipe_.band_pass_high, rate));
    }
    if (recipe_.high_pass_order > 0) {
        add("high-pass", butterworth_high_pass(recipe_.high_pass_order, recipe_.high_pass, rate));
    }
    if (recipe_.low_pass_order > 0) {
        add("low-pass", butterworth_low_pass(recipe_.low_pass_order, recipe_.low_pass, rate));
    }
}

std::vector<float> Preprocessor::condition(std::span<const float> samples, double rate,
                                           const std::string& what) const {
    return condition(std::vector{samples}, rate, {what}).front();
}

std::size_t Preprocessor::conditioned_samples(std::size_t samples, double rate) const {
    return resampled(samples, rate, recipe_.sampling_rate);
}

std::vector<double> Preprocessor::filled(std::span<const float> samples, double rate,
                                         const std::string& what) const {
    std::vector<float> values(samples.begin(), samples.end());
    if (!(recipe_.zero_missing ? zero_missing(values) : interpolate_missing(values))) {
        fail_input("{}: every sample is missing; expected at least one number", what);
    }
    const bool lines = recipe_.interpolated_from > 0;
    const double reached = lines ? recipe_.interpolated_from : recipe_.sampling_rate;
    if (rate != reached) values = fourier_resample(values, resampled(values.size(), rate, reached));
    if (lines) values = interpolated(values, conditioned_samples(samples.size(), rate));
    return {values.begin(), values.end()};
}

std::vector<std::vector<float>> Preprocessor::condition(
    const std::vector<std::span<const float>>& leads, double rate,
    const std::vector<std::string>& names) const {
    std::vector<std::vector<double>> exact;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        exact.push_back(filled(leads[i], rate, names[i]));
    }
    for (const Filter& step : filters_) apply_filter(step.filter, step.name, exact, names);
    std::vector<std::vector<float>> result;
    for (std::vector<double>& values : exact) {
        if (recipe_.median_samples > 0) {
            const auto baseline =
                running_median(values, static_cast<std::size_t>(recipe_.median_samples));
            for (std::size_t i = 0; i < values.size(); ++i) values[i] -= baseline[i];
        }
        std::vector<float>& row = result.emplace_back(values.size());
        std::transform(values.begin(), values.end(), row.begin(),
                       [](double value) { return static_cast<float>(value); });
    }
    return result;
}

void Preprocessor::normalise(std::span<float> samples, std::size_t leads) const {
    if (!recipe_.z_score) return;
    const std::size_t parts = recipe_.joint_z_score ? 1 : leads;
    const std::size_t length = samples.size() / parts;
    for (std::size_t i = 0; i < parts; ++i) {
        z_score(samples.subspan(i * length, length), recipe_.epsilon);
    }
}

std::vector<Window> Preprocessor::windows(const Recording& recording,
                                          const WindowOptions& options) const {
    const auto leads = chosen_leads(recording, recipe_, options);
    const auto channels = channels_of(leads, recipe_, options, recording.source);
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
    const bool single = is_short || recipe_.first_window_only;
    const std::size_t count = single ? 1 : recording.samples() / source_window;
    const std::size_t wanted = recipe_.window_samples();
    std::vector<Window> windows(count);
    for (std::size_t w = 0; w < count; ++w) {
        Window& window = windows[w];
        window.start_seconds = static_cast<double>(w * length) / recording.sampling_rate;
        window.channels = channels;
        std::size_t missing = 0;
        std::vector<std::span<const float>> stretches;
        std::vector<std::string> names;
        for (const Lead* lead : leads) {
            const auto stretch = std::span(lead->samples).subspan(w * length, length);
            missing += missing_samples(stretch);
            window.flat = window.flat || is_flat(stretch);
            stretches.push_back(stretch);
            names.push_back(fmt::format("{}: lead {} from {:g} s", recording.source, lead->name,
                                        window.start_seconds));
        }
        std::vector<float> prepared;
        for (const auto& row : condition(stretches, recording.sampling_rate, names)) {
            prepared.insert(prepared.end(), row.begin(), row.end());
        }
        normalise(prepared, leads.size());
        fit(std::move(prepared), leads.size(), wanted, recipe_, window);
        window.missing = static_cast<double>(missing) / static_cast<double>(length * leads.size());
    }
    return windows;
}

}  // namespace clef
