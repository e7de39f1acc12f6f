#include "signal/beats.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace clef {

namespace {

constexpr double energy_seconds = 0.1;
constexpr double threshold_fraction = 0.3;
constexpr double threshold_quantile = 0.98;
constexpr double shortest_interval = 0.3;
constexpr double refine_seconds = 0.06;
constexpr double before_peak = 0.3;
constexpr double after_peak = 0.5;

std::vector<double> slope_energy(std::span<const std::vector<float>> leads, double rate) {
    const std::size_t n = leads.front().size();
    // Differences over 4 ms whatever the rate, so that noise at high rates does not drown the
    // slope.
    const auto step = static_cast<std::size_t>(std::max(1.0, std::round(0.004 * rate)));
    std::vector<double> energy(n, 0.0);
    for (const auto& lead : leads) {
        for (std::size_t i = step; i < n; ++i) {
            const double slope = double{lead[i]} - lead[i - step];
            energy[i] += slope * slope;
        }
    }
    const auto half = static_cast<std::size_t>(energy_seconds * rate / 2);
    std::vector<double> sums(n + 1, 0.0);
    for (std::size_t i = 0; i < n; ++i) sums[i + 1] = sums[i] + energy[i];
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t begin = i > half ? i - half : 0;
        const std::size_t end = std::min(n, i + half + 1);
        energy[i] = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
    }
    return energy;
}

double quantile(std::vector<double> values, double q) {
    const auto place = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return values[static_cast<std::size_t>(place)];
}

// Local maxima above the threshold, the higher ones first, none nearer than `apart` to a higher
// one.
std::vector<std::size_t> peaks(const std::vector<double>& energy, double threshold,
                               std::size_t apart) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 1; i + 1 < energy.size(); ++i) {
        if (energy[i] > threshold && energy[i] > energy[i - 1] && energy[i] >= energy[i + 1]) {
            candidates.push_back(i);
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&energy](std::size_t a, std::size_t b) { return energy[a] > energy[b]; });
    std::vector<std::size_t> kept;
    for (const std::size_t candidate : candidates) {
        const bool far = std::all_of(kept.begin(), kept.end(), [&](std::size_t peak) {
            return (peak > candidate ? peak - candidate : candidate - peak) >= apart;
        });
        if (far) kept.push_back(candidate);
    }
    std::sort(kept.begin(), kept.end());
    return kept;
}

std::size_t refine(std::span<const std::vector<float>> leads, std::size_t peak, std::size_t reach) {
    const std::size_t n = leads.front().size();
    std::size_t best = peak;
    double highest = -1;
    for (std::size_t i = peak > reach ? peak - reach : 0; i < std::min(n, peak + reach); ++i) {
        double magnitude = 0;
        for (const auto& lead : leads) magnitude += std::abs(lead[i]);
        if (magnitude > highest) {
            highest = magnitude;
            best = i;
        }
    }
    return best;
}

}  // namespace

std::vector<std::size_t> find_beats(std::span<const std::vector<float>> leads, double rate) {
    if (leads.empty() || leads.front().size() < 3) return {};
    const std::vector<double> energy = slope_energy(leads, rate);
    const double threshold = threshold_fraction * quantile(energy, threshold_quantile);
    auto beats = peaks(energy, threshold, static_cast<std::size_t>(shortest_interval * rate));
    for (std::size_t& beat : beats) {
        beat = refine(leads, beat, static_cast<std::size_t>(refine_seconds * rate));
    }
    beats.erase(std::unique(beats.begin(), beats.end()), beats.end());
    return beats;
}

std::vector<float> median_beat(const std::vector<float>& lead, std::span<const std::size_t> beats,
                               double rate) {
    std::vector<float> result(median_beat_samples, 0.0F);
    const auto before = static_cast<std::size_t>(before_peak * rate);
    const auto after = static_cast<std::size_t>(after_peak * rate);
    std::vector<std::size_t> whole;
    for (const std::size_t beat : beats) {
        if (beat >= before && beat + after < lead.size()) whole.push_back(beat - before);
    }
    if (whole.empty()) return result;
    std::vector<float> column(whole.size());
    for (std::size_t i = 0; i < median_beat_samples; ++i) {
        const std::size_t offset = i * (before + after) / median_beat_samples;
        for (std::size_t b = 0; b < whole.size(); ++b) column[b] = lead[whole[b] + offset];
        std::sort(column.begin(), column.end());
        const std::size_t middle = column.size() / 2;
        result[i] =
            column.size() % 2 == 1 ? column[middle] : (column[middle - 1] + column[middle]) / 2;
    }
    return result;
}

std::array<float, 4> rhythm_numbers(std::span<const std::size_t> beats, double rate,
                                    double seconds) {
    constexpr double guard = 0.005;  // 5 ms: intervals are known no better
    std::vector<double> intervals{0.8,
                                  0.8};  // of a heart at 75 a minute, where too few beats are found
    if (beats.size() > 2) {
        intervals.clear();
        for (std::size_t i = 1; i < beats.size(); ++i) {
            intervals.push_back(static_cast<double>(beats[i] - beats[i - 1]) / rate);
        }
    }
    double mean = 0;
    for (const double interval : intervals)
        mean += interval / static_cast<double>(intervals.size());
    double variance = 0;
    double successive = 0;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        variance +=
            (intervals[i] - mean) * (intervals[i] - mean) / static_cast<double>(intervals.size());
        if (i == 0) continue;
        const double change = intervals[i] - intervals[i - 1];
        successive += change * change / static_cast<double>(intervals.size() - 1);
    }
    std::vector<double> sorted = intervals;
    const double median = quantile(std::move(sorted), 0.5);
    return {static_cast<float>(std::log(median)),
            static_cast<float>(std::log(std::sqrt(variance) + guard)),
            static_cast<float>(std::log(std::sqrt(successive) + guard)),
            static_cast<float>(static_cast<double>(beats.size()) / seconds)};
}

}  // namespace clef
