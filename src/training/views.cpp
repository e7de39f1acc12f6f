#include "training/views.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.hpp"

namespace clef {

namespace {

std::size_t named_or_random(const std::string& wanted, double probability,
                            const std::vector<std::string>& leads, Random& random) {
    const auto it = std::find(leads.begin(), leads.end(), wanted);
    // Drawn even when not needed, so that what follows does not depend on the leads there are.
    const std::size_t any = random.below(leads.size());
    const bool named = random.chance(probability);
    return named && it != leads.end() ? static_cast<std::size_t>(it - leads.begin()) : any;
}

std::size_t second_lead(const ViewOptions& options, const std::vector<std::string>& first_leads,
                        const std::vector<std::string>& second_leads, std::size_t first,
                        Random& random) {
    const bool keeps =
        options.second_lead == "same" || (options.second_lead == "released" && random.chance(0.8));
    if (keeps) return named_or_random(first_leads[first], 1, second_leads, random);
    return named_or_random(options.second_lead, options.second_named_probability, second_leads,
                           random);
}

std::size_t draw_start(std::size_t samples, std::size_t length, Random& random) {
    return samples > length ? random.below(samples - length + 1) : 0;
}

std::size_t draw_length(double time_scale, std::size_t crop, std::size_t samples, Random& random) {
    const double factor = std::exp(random.uniform(-time_scale, time_scale));
    const auto length = static_cast<std::size_t>(std::lround(static_cast<double>(crop) * factor));
    return std::clamp<std::size_t>(length, 2, std::max<std::size_t>(2, samples));
}

double deviation(const std::vector<float>& values) {
    double sum = 0;
    double squares = 0;
    for (const float value : values) {
        sum += value;
        squares += double{value} * value;
    }
    const auto n = static_cast<double>(values.size());
    return std::sqrt(std::max(0.0, squares / n - sum / n * sum / n));
}

void add_sine(std::vector<double>& noise, double frequency, double rate, Random& random) {
    const double phase = random.uniform(0, 2 * std::numbers::pi);
    for (std::size_t i = 0; i < noise.size(); ++i) {
        noise[i] +=
            std::sqrt(2.0) *
            std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / rate + phase);
    }
}

void add_white(std::vector<double>& noise, Random& random) {
    for (double& value : noise) value += random.normal();
}

// Unit-variance components, one kind drawn evenly from wander, muscle, hum and their mixture.
std::vector<double> synthetic_noise(std::size_t samples, double rate, Random& random) {
    std::vector<double> noise(samples, 0.0);
    const std::uint64_t kind = random.below(4);
    if (kind == 0 || kind == 3) add_sine(noise, random.uniform(0.05, 0.5), rate, random);
    if (kind == 1 || kind == 3) add_white(noise, random);
    if (kind == 2 || kind == 3) add_sine(noise, random.chance(0.5) ? 50 : 60, rate, random);
    if (kind == 3) {
        for (double& value : noise) value /= std::sqrt(3.0);
    }
    return noise;
}

}  // namespace

ViewPair draw_views(const ViewOptions& options, const std::vector<std::string>& first_leads,
                    const std::vector<std::string>& second_leads, std::size_t first_samples,
                    std::size_t second_samples, std::size_t crop, Random& random) {
    ViewPair pair;
    pair.first.lead =
        named_or_random(options.first_lead, options.first_named_probability, first_leads, random);
    pair.second.lead = second_lead(options, first_leads, second_leads, pair.first.lead, random);
    pair.first.length = draw_length(options.time_scale, crop, first_samples, random);
    pair.second.length = draw_length(options.time_scale, crop, second_samples, random);
    pair.first.start = draw_start(first_samples, pair.first.length, random);
    const std::size_t own = draw_start(second_samples, pair.second.length, random);
    const std::size_t latest =
        second_samples > pair.second.length ? second_samples - pair.second.length : 0;
    pair.second.start = options.second_crop == "same" ? std::min(pair.first.start, latest) : own;
    return pair;
}

std::vector<float> stretched(const std::vector<float>& lead, const ViewDraw& draw,
                             std::size_t wanted) {
    std::vector<float> view(wanted);
    const double step =
        wanted > 1 ? static_cast<double>(draw.length - 1) / static_cast<double>(wanted - 1) : 0;
    for (std::size_t i = 0; i < wanted; ++i) {
        const double place = static_cast<double>(i) * step;
        const auto left = std::min(static_cast<std::size_t>(place), draw.length - 1);
        const std::size_t right = std::min(left + 1, draw.length - 1);
        const double fraction = place - static_cast<double>(left);
        view[i] = static_cast<float>((1 - fraction) * lead[draw.start + left] +
                                     fraction * lead[draw.start + right]);
    }
    return view;
}

void augment(const ViewOptions& options, std::vector<float>& view, double rate, Random& random) {
    if (random.chance(options.noise_probability)) {
        const double scale = options.noise_rms * deviation(view);
        const std::vector<double> noise = synthetic_noise(view.size(), rate, random);
        for (std::size_t i = 0; i < view.size(); ++i)
            view[i] += static_cast<float>(scale * noise[i]);
    }
    if (random.chance(options.mask_probability)) {
        const double fraction = random.uniform(options.mask_low, options.mask_high);
        const auto length = static_cast<std::size_t>(fraction * static_cast<double>(view.size()));
        const std::size_t start = random.below(view.size() - length + 1);
        std::fill_n(view.begin() + static_cast<std::ptrdiff_t>(start), length, 0.0F);
    }
}

void check_views(const ViewOptions& options) {
    const auto probability = [](const char* key, double value) {
        if (value < 0 || value > 1) fail_input("views.{} is {}; expected 0–1", key, value);
    };
    probability("first_named_probability", options.first_named_probability);
    probability("second_named_probability", options.second_named_probability);
    probability("noise_probability", options.noise_probability);
    probability("mask_probability", options.mask_probability);
    if (options.mask_low < 0 || options.mask_low > options.mask_high || options.mask_high >= 1) {
        fail_input("views.mask_low and mask_high are {} and {}; expected 0 ≤ low ≤ high < 1",
                   options.mask_low, options.mask_high);
    }
    if (options.time_scale < 0 || options.time_scale > 1) {
        fail_input("views.time_scale is {}; expected 0–1", options.time_scale);
    }
    if (options.noise_rms < 0)
        fail_input("views.noise_rms is {}; expected at least 0", options.noise_rms);
    if (options.crop_seconds <= 0) {
        fail_input("views.crop_seconds is {}; expected more than 0", options.crop_seconds);
    }
    if (options.second_crop != "own" && options.second_crop != "same") {
        fail_input("views.second_crop is '{}'; expected 'own' or 'same'", options.second_crop);
    }
}

}  // namespace clef
