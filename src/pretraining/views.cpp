#include "pretraining/views.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "pretraining/noise_files.hpp"

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

std::vector<float> stretched(std::span<const float> lead, const ViewDraw& draw,
                             std::size_t wanted) {
    if (draw.length == wanted) {
        const auto begin = lead.begin() + static_cast<std::ptrdiff_t>(draw.start);
        return {begin, begin + static_cast<std::ptrdiff_t>(wanted)};
    }
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

void check_views(const ViewOptions& options) {
    const auto probability = [](const char* key, double value) {
        if (value < 0 || value > 1) fail_input("views.{} is {}; expected 0–1", key, value);
    };
    probability("first_named_probability", options.first_named_probability);
    probability("second_named_probability", options.second_named_probability);
    if (options.time_scale < 0 || options.time_scale > 1) {
        fail_input("views.time_scale is {}; expected 0–1", options.time_scale);
    }
    if (options.crop_seconds <= 0) {
        fail_input("views.crop_seconds is {}; expected more than 0", options.crop_seconds);
    }
    if (options.second_crop != "own" && options.second_crop != "same") {
        fail_input("views.second_crop is '{}'; expected 'own' or 'same'", options.second_crop);
    }
    check_augmentation(options.augmentation);
}

ViewMaker::ViewMaker(const ViewOptions& options, const Preprocessor& preprocessor)
    : options_(options), preprocessor_(preprocessor) {
    const Recipe& recipe = preprocessor.recipe();
    samples_ = static_cast<std::size_t>(std::llround(options.crop_seconds * recipe.sampling_rate));
    if (options.crop_seconds > recipe.window_seconds) {
        fail_input("views.crop_seconds is {:g}; the encoder's window is {:g} s",
                   options.crop_seconds, recipe.window_seconds);
    }
    if (options.augmentation.noise_files.empty()) return;
    noise_ =
        read_noise(options.augmentation.noise_files,
                   {options.augmentation.noise_rate, recipe.sampling_rate, options.crop_seconds});
}

ViewPair ViewMaker::make(const ViewWindow& first, const ViewWindow& second, ViewRandom& random,
                         float* first_target, float* second_target) const {
    const ViewPair pair = draw_views(options_, first.leads(), second.leads(), first.samples(),
                                     second.samples(), samples_, random.views);
    // Leads of one window are filtered side by side, which costs no more than one of them.
    const std::size_t drawn[] = {pair.first.lead, pair.second.lead};
    const bool one = &first == &second;
    const bool twice = one && drawn[0] == drawn[1];
    const auto own = first.filtered(std::span(drawn).first(one && !twice ? 2 : 1));
    const auto other = one ? std::vector<LeadSamples>() : second.filtered(std::span(drawn).last(1));
    write(own.front().samples(), pair.first, random, first_target);
    write((one ? own : other).back().samples(), pair.second, random, second_target);
    return pair;
}

void ViewMaker::write(std::span<const float> lead, const ViewDraw& draw, ViewRandom& random,
                      float* target) const {
    const AugmentationOptions& options = options_.augmentation;
    const double rate = preprocessor_.recipe().sampling_rate;
    std::vector<float> view = stretched(lead, draw, samples_);
    shift(options, view, rate, random.augmentation);
    add_noise(options, view, rate, noise_, random.views);
    add_hum(options, view, rate, random.augmentation);
    mask(options, view, random.views);
    preprocessor_.normalise(view);
    scale(options, view, random.augmentation);
    std::copy(view.begin(), view.end(), target);
}

}  // namespace clef
