#include "runtime/stream.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "formats/leads.hpp"
#include "signal/notch.hpp"

namespace clef {

namespace {

constexpr double most_window_samples = 1 << 22;  // as signal/resample.hpp
constexpr double most_hop_samples = 1e12;        // 30 years at 1000 Hz
constexpr std::size_t piece = 4096;              // frames filtered at once
constexpr float missing_sample = std::numeric_limits<float>::quiet_NaN();

CausalFilter causal_filter(const Recipe& recipe, double rate) {
    std::vector<FilterCoefficients> sections;
    const auto add = [&sections](std::vector<FilterCoefficients> more) {
        sections.insert(sections.end(), more.begin(), more.end());
    };
    try {
        if (recipe.notch > 0) add({notch_filter(recipe.notch, recipe.notch_quality, rate)});
        if (recipe.band_pass_order > 0) {
            add(butterworth_band_pass_sections(recipe.band_pass_order, recipe.band_pass_low,
                                               recipe.band_pass_high, rate));
        }
        if (recipe.high_pass_order > 0) {
            add(butterworth_high_pass_sections(recipe.high_pass_order, recipe.high_pass, rate));
        }
        if (recipe.low_pass_order > 0) {
            add(butterworth_low_pass_sections(recipe.low_pass_order, recipe.low_pass, rate));
        }
    } catch (const InputError& error) {
        fail_input("a causal filter at {:g} Hz: {}; the filter zero-phase has no such limit", rate,
                   error.what());
    }
    return CausalFilter(sections);
}

Recipe without_filters(Recipe recipe) {
    recipe.notch = 0;
    recipe.band_pass_order = 0;
    recipe.high_pass_order = 0;
    recipe.low_pass_order = 0;
    return recipe;
}

// Whole samples of so many seconds.
std::uint64_t sample_count(double seconds, double rate, const char* what, double most) {
    const double samples = std::round(seconds * rate);
    if (!(samples >= 1) || samples > most) {
        fail_input("a {} of {:g} s at {:g} Hz: {:g} samples; expected 1 to {:g}", what, seconds,
                   rate, samples, most);
    }
    return static_cast<std::uint64_t>(samples);
}

void check_leads(const std::vector<std::string>& leads) {
    for (std::size_t i = 0; i < leads.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_lead(leads[i], leads[j])) {
                fail_input(
                    "lead {} named twice; expected a name of its own for each lead of the "
                    "stream",
                    leads[i]);
            }
        }
    }
}

Recording recording_of(const StreamOptions& options, std::vector<std::vector<float>> samples) {
    Recording recording;
    recording.source = "stream";
    recording.sampling_rate = options.sampling_rate;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::string& name = options.leads[i];
        recording.leads.push_back({name, name, "mV", options.in_millivolts, std::move(samples[i])});
    }
    return recording;
}

// What is wrong with the leads, the unit or the window's length shows now rather than in every
// window.
void try_once(const Preprocessor& preprocessor, const StreamOptions& options, std::size_t window) {
    preprocessor.windows(
        recording_of(options, std::vector(options.leads.size(), std::vector<float>(window))),
        {options.leads});
}

}  // namespace

StreamFilter parse_stream_filter(const std::string& name) {
    if (name == "zero-phase") return StreamFilter::zero_phase;
    if (name == "causal") return StreamFilter::causal;
    fail_input("filter '{}': expected zero-phase or causal", name);
}

Stream::Stream(const Session& session, const Preprocessor& preprocessor, StreamOptions options)
    : session_(session), preprocessor_(preprocessor), options_(std::move(options)) {
    const Recipe& recipe = preprocessor.recipe();
    const double rate = options_.sampling_rate;
    if (!(rate > 0) || !std::isfinite(rate)) {
        fail_input("a stream sampled at {} Hz: expected a positive rate", rate);
    }
    if (options_.hop_seconds == 0) options_.hop_seconds = recipe.window_seconds;
    if (options_.leads.empty()) options_.leads = recipe.leads;
    check_leads(options_.leads);
    window_ = static_cast<std::size_t>(
        sample_count(recipe.window_seconds, rate, "window", most_window_samples));
    hop_ = sample_count(options_.hop_seconds, rate, "hop", most_hop_samples);
    capacity_ = window_ + static_cast<std::size_t>(std::min<std::uint64_t>(hop_, window_));
    if (options_.filter == StreamFilter::causal) {
        causal_.emplace(causal_filter(recipe, rate));
        unfiltered_.emplace(without_filters(recipe));
        scratch_.resize(piece);
    }
    try_once(causal_ ? *unfiltered_ : preprocessor_, options_, window_);
    leads_.resize(options_.leads.size());
    for (LeadState& lead : leads_) {
        lead.ring.resize(capacity_);
        if (causal_) lead.filtered.resize(capacity_);
    }
}

// Frames that can be taken without overwriting a window that is still to be asked for.
std::uint64_t Stream::room() const {
    return next_start_ + capacity_ - pushed_;
}

std::size_t Stream::push(std::span<const float> frames) {
    if (frames.size() % leads() != 0) {
        fail_input("{} values pushed: expected whole frames of {} leads", frames.size(), leads());
    }
    const auto taken =
        static_cast<std::size_t>(std::min<std::uint64_t>(room(), frames.size() / leads()));
    for (std::size_t done = 0; done < taken;) {
        const std::size_t now = std::min(piece, taken - done);
        for (std::size_t i = 0; i < leads(); ++i) {
            const float* samples = frames.data() + done * leads() + i;
            store(leads_[i], samples, leads(), now);
        }
        pushed_ += now;
        done += now;
    }
    return taken;
}

std::uint64_t Stream::push_gap(std::uint64_t frames) {
    const std::uint64_t taken = std::min(room(), frames);
    const std::vector<float> nothing(
        static_cast<std::size_t>(std::min<std::uint64_t>(taken, piece)), missing_sample);
    for (std::uint64_t done = 0; done < taken;) {
        const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(piece, taken - done));
        for (LeadState& lead : leads_) store(lead, nothing.data(), 1, now);
        pushed_ += now;
        done += now;
    }
    return taken;
}

void Stream::store(LeadState& lead, const float* samples, std::size_t step, std::size_t frames) {
    auto at = static_cast<std::size_t>(pushed_ % capacity_);
    for (std::size_t i = 0; i < frames; ++i) {
        const float sample = samples[i * step];
        lead.ring[at] = std::isfinite(sample) ? sample : missing_sample;
        if (++at == capacity_) at = 0;
    }
    if (causal_) filter(lead, samples, step, frames);
}

void Stream::filter(LeadState& lead, const float* samples, std::size_t step, std::size_t frames) {
    const bool zeros = preprocessor_.recipe().zero_missing;
    std::size_t before = 0;  // frames ahead of the first number of the stream: nothing to filter
    for (std::size_t i = 0; i < frames; ++i) {
        const float sample = samples[i * step];
        if (std::isfinite(sample)) {
            lead.held = sample;
            lead.started = true;
        }
        if (!lead.started) ++before;
        scratch_[i] = std::isfinite(sample) || !zeros ? lead.held : 0;
    }
    causal_->run(std::span(scratch_).subspan(before, frames - before), lead.filter);
    auto at = static_cast<std::size_t>(pushed_ % capacity_);
    for (std::size_t i = 0; i < frames; ++i) {
        lead.filtered[at] = i < before ? missing_sample : static_cast<float>(scratch_[i]);
        if (++at == capacity_) at = 0;
    }
}

std::vector<float> Stream::cut(const std::vector<float>& ring) const {
    const auto begin = static_cast<std::size_t>(next_start_ % capacity_);
    const std::size_t first = std::min(window_, capacity_ - begin);
    std::vector<float> samples(ring.begin() + static_cast<std::ptrdiff_t>(begin),
                               ring.begin() + static_cast<std::ptrdiff_t>(begin + first));
    samples.insert(samples.end(), ring.begin(),
                   ring.begin() + static_cast<std::ptrdiff_t>(window_ - first));
    return samples;
}

void Stream::measure(StreamWindow& window, const std::vector<std::vector<float>>& raw) {
    double missing = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        LeadQuality& extremes = leads_[i].extremes;
        LeadQuality measured[2] = {
            window_quality(raw[i], options_.sampling_rate, options_.in_millivolts), extremes};
        settle_saturation(measured);
        const LeadQuality& quality = measured[0];
        extremes.lowest = std::fmin(extremes.lowest, quality.lowest);  // the other where one is NaN
        extremes.highest = std::fmax(extremes.highest, quality.highest);
        missing += quality.missing;
        window.flat = window.flat || !(quality.lowest < quality.highest);
        if (i == 0 || quality.quality < window.quality.quality) window.quality = quality;
    }
    window.missing = missing / static_cast<double>(raw.size());
}

void Stream::embed(StreamWindow& window, std::vector<std::vector<float>> raw) const {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (std::all_of(raw[i].begin(), raw[i].end(), [](float x) { return std::isnan(x); })) {
            window.reason = fmt::format("lead {}: every sample is missing", options_.leads[i]);
            return;
        }
    }
    if (options_.min_quality && !(window.quality.quality >= *options_.min_quality)) {
        window.reason = fmt::format("quality {:.3f} is below {:g}", window.quality.quality,
                                    *options_.min_quality);
        return;
    }
    if (causal_) {
        for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = cut(leads_[i].filtered);
    }
    const Preprocessor& preprocessor = causal_ ? *unfiltered_ : preprocessor_;
    const auto prepared =
        preprocessor.windows(recording_of(options_, std::move(raw)), {options_.leads});
    window.embedding = session_.run(prepared.front());
}

std::optional<StreamWindow> Stream::next() {
    if (!due()) return std::nullopt;
    StreamWindow window;
    window.first_sample = next_start_;
    window.start_seconds = static_cast<double>(next_start_) / options_.sampling_rate;
    window.seconds = static_cast<double>(window_) / options_.sampling_rate;
    std::vector<std::vector<float>> raw;
    for (const LeadState& lead : leads_) raw.push_back(cut(lead.ring));
    measure(window, raw);
    embed(window, std::move(raw));
    next_start_ += hop_;
    return window;
}

std::size_t Stream::memory_bytes() const {
    std::size_t bytes = sizeof(*this) + scratch_.capacity() * sizeof(double);
    for (const LeadState& lead : leads_) {
        bytes += sizeof(lead) + (lead.ring.capacity() + lead.filtered.capacity()) * sizeof(float);
    }
    return bytes;
}

}  // namespace clef
