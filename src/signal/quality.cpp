#include "signal/quality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "signal/normalise.hpp"
#include "signal/quality_noise.hpp"
#include "signal/quality_stretches.hpp"

namespace clef {

namespace {

struct Extremes {
    float lowest = std::numeric_limits<float>::infinity();
    float highest = -std::numeric_limits<float>::infinity();
    std::size_t missing = 0;
};

Extremes extremes_of(std::span<const float> samples) {
    constexpr std::size_t lanes = 8;  // so that the comparisons need not wait for one another
    float low[lanes];
    float high[lanes];
    std::size_t missing = 0;
    Extremes found;
    std::fill_n(low, lanes, found.lowest);
    std::fill_n(high, lanes, found.highest);
    const auto see = [&](float value, std::size_t lane) {
        low[lane] = value < low[lane] ? value : low[lane];  // false for NaN
        high[lane] = value > high[lane] ? value : high[lane];
        missing += value != value ? 1 : 0;
    };
    const std::size_t whole = samples.size() / lanes * lanes;
    for (std::size_t i = 0; i < whole; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) see(samples[i + lane], lane);
    }
    for (std::size_t i = whole; i < samples.size(); ++i) see(samples[i], 0);
    found.lowest = *std::min_element(low, low + lanes);
    found.highest = *std::max_element(high, high + lanes);
    found.missing = missing;
    return found;
}

// The value below which this fraction lies, linear between order statistics (numpy.percentile);
// fraction at most 1/2. `before` orders from the end that is meant.
template <typename Before>
double tail_percentile(std::span<const float> values, double fraction, Before before) {
    const double place = fraction * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    std::vector<float> tail(std::min(values.size(), below + 2));
    std::partial_sort_copy(values.begin(), values.end(), tail.begin(), tail.end(), before);
    const double next = tail[std::min(below + 1, tail.size() - 1)];
    return tail[below] + (place - static_cast<double>(below)) * (next - tail[below]);
}

void set_amplitude(LeadQuality& quality, std::span<const float> numbers) {
    constexpr double tail = 0.005;
    quality.low = tail_percentile(numbers, tail, std::less<float>());
    quality.high = tail_percentile(numbers, tail, std::greater<float>());
}

LeadQuality::Run run_at(std::span<const float> samples, float value, std::size_t shortest,
                        std::span<const std::uint8_t> flat) {
    LeadQuality::Run run;
    for_each_run(samples, value, shortest, [&](std::size_t begin, std::size_t end) {
        run.samples += end - begin;
        for (std::size_t i = begin; i < end && !flat.empty(); ++i) run.flat += flat[i];
    });
    return run;
}

void set_stretches(LeadQuality& quality, std::span<const float> samples, double rate,
                   bool millivolts) {
    const double range = double{quality.highest} - quality.lowest;
    const double tolerance = millivolts ? double{flat_range_mv} : flat_range_part * range;
    const auto shortest =
        static_cast<std::size_t>(std::max(1LL, std::llround(flat_seconds * rate)));
    const auto flat = flat_samples(samples, std::min(shortest, samples.size()), tolerance);
    for (const std::uint8_t is_flat : flat) quality.flat_samples += is_flat;
    if (quality.lowest == quality.highest) return;  // no telling a rail from a flat line
    const auto run =
        std::max(saturated_samples, static_cast<std::size_t>(std::ceil(saturated_seconds * rate)));
    quality.at_lowest = run_at(samples, quality.lowest, run, flat);
    quality.at_highest = run_at(samples, quality.highest, run, flat);
}

void set_noise(LeadQuality& quality, std::span<const float> samples, double rate) {
    const BlockMeans reduced = block_means(samples, rate);
    const NoisePowers powers = noise_powers(reduced);
    quality.noise = powers.noise;
    quality.baseline = powers.baseline;
    const BeatCorrelation beats = beat_correlation(reduced);
    quality.beat_correlation = beats.mean;
    quality.beats = beats.compared;
}

void settle(LeadQuality& quality, bool reaches_lowest, bool reaches_highest) {
    if (quality.samples == 0) return;
    std::size_t saturated = 0;
    std::size_t flat = quality.flat_samples;
    for (const auto& [reaches, run] : {std::pair(reaches_lowest, quality.at_lowest),
                                       std::pair(reaches_highest, quality.at_highest)}) {
        if (!reaches) continue;
        saturated += run.samples;
        flat -= run.flat;
    }
    const auto all = static_cast<double>(quality.samples);
    quality.saturated = static_cast<double>(saturated) / all;
    quality.flat = static_cast<double>(flat) / all;
    const double intact = 1 - quality.missing - quality.flat - quality.saturated;
    quality.quality = std::max(0.0, intact) * std::max(0.0, quality.beat_correlation);
}

}  // namespace

LeadQuality window_quality(std::span<const float> samples, double rate, bool millivolts) {
    rate = std::clamp(rate, 1e-3, 1e9);  // whatever a header claims, the casts below hold
    LeadQuality quality;
    quality.samples = samples.size();
    const Extremes extremes = extremes_of(samples);
    if (extremes.missing == samples.size()) {
        quality.missing = 1;
        return quality;
    }
    quality.missing = static_cast<double>(extremes.missing) / static_cast<double>(samples.size());
    quality.lowest = extremes.lowest;
    quality.highest = extremes.highest;
    set_stretches(quality, samples, rate, millivolts);
    if (extremes.missing == 0) {
        set_amplitude(quality, samples);
        set_noise(quality, samples, rate);
    } else {
        std::vector<float> numbers;
        std::copy_if(samples.begin(), samples.end(), std::back_inserter(numbers),
                     [](float value) { return !std::isnan(value); });
        set_amplitude(quality, numbers);
        std::vector<float> bridged(samples.begin(), samples.end());
        interpolate_missing(bridged);
        set_noise(quality, bridged, rate);
    }
    settle(quality, true, true);
    return quality;
}

void settle_saturation(std::span<LeadQuality> windows) {
    float lowest = std::numeric_limits<float>::infinity();
    float highest = -lowest;
    for (const LeadQuality& window : windows) {
        if (window.lowest < lowest) lowest = window.lowest;  // false for NaN
        if (window.highest > highest) highest = window.highest;
    }
    for (LeadQuality& window : windows) {
        settle(window, window.lowest == lowest, window.highest == highest);
    }
}

}  // namespace clef
