#include "pretraining/augmentation.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "signal/lead_arithmetic.hpp"

namespace clef {

namespace {

void require(bool good, const char* key, double value, const char* expected) {
    if (!good) fail_input("views.{} is {}; expected {}", key, value, expected);
}

}  // namespace

void check_augmentation(const AugmentationOptions& options) {
    const std::pair<const char*, double> probabilities[] = {
        {"noise_probability", options.noise_probability},
        {"mask_probability", options.mask_probability},
        {"hum_probability", options.hum_probability},
        {"shift_probability", options.shift_probability},
        {"scale_probability", options.scale_probability}};
    for (const auto& [key, value] : probabilities)
        require(value >= 0 && value <= 1, key, value, "0–1");
    if (options.mask_low < 0 || options.mask_low > options.mask_high || options.mask_high >= 1) {
        fail_input("views.mask_low and mask_high are {} and {}; expected 0 ≤ low ≤ high < 1",
                   options.mask_low, options.mask_high);
    }
    if (options.noise_scale != "deviation" && options.noise_scale != "millivolts") {
        fail_input("views.noise_scale is '{}'; expected 'deviation' or 'millivolts'",
                   options.noise_scale);
    }
    require(options.noise_rms >= 0, "noise_rms", options.noise_rms, "at least 0");
    require(options.noise_rate >= 0, "noise_rate", options.noise_rate, "at least 0");
    require(options.hum_rms >= 0, "hum_rms", options.hum_rms, "at least 0");
    require(options.hum_frequency >= 0, "hum_frequency", options.hum_frequency, "at least 0");
    require(options.shift_seconds >= 0, "shift_seconds", options.shift_seconds, "at least 0");
    require(options.scale_range >= 0 && options.scale_range < 1, "scale_range", options.scale_range,
            "0 to below 1");
}

// Noise and mask draw even where their probability is 0: what a seed gives must not change.
void add_noise(const AugmentationOptions& options, std::vector<float>& view, double rate,
               const NoiseBank& bank, Random& random) {
    if (!random.chance(options.noise_probability)) return;
    const bool relative = options.noise_scale == "deviation";
    const double strength = options.noise_rms * (relative ? moments_of(view).deviation : 1);
    add_scaled(view,
               bank.kinds.empty() ? synthetic_noise(view.size(), rate, random)
                                  : recorded_noise(bank, view.size(), random),
               strength);
}

void mask(const AugmentationOptions& options, std::vector<float>& view, Random& random) {
    if (!random.chance(options.mask_probability)) return;
    const double fraction = random.uniform(options.mask_low, options.mask_high);
    const auto length = static_cast<std::size_t>(fraction * static_cast<double>(view.size()));
    const std::size_t start = random.below(view.size() - length + 1);
    std::fill_n(view.begin() + static_cast<std::ptrdiff_t>(start), length, 0.0F);
}

void add_hum(const AugmentationOptions& options, std::vector<float>& view, double rate,
             Random& random) {
    if (options.hum_probability == 0 || !random.chance(options.hum_probability)) return;
    const bool fifty = random.chance(0.5);
    const double frequency = options.hum_frequency > 0 ? options.hum_frequency : fifty ? 50 : 60;
    std::vector<double> hum(view.size(), 0.0);
    add_wave(hum, frequency, rate, random);
    add_scaled(view, hum, options.hum_rms * moments_of(view).deviation);
}

void shift(const AugmentationOptions& options, std::vector<float>& view, double rate,
           Random& random) {
    if (options.shift_probability == 0 || !random.chance(options.shift_probability)) return;
    const auto size = static_cast<std::int64_t>(view.size());
    const double seconds = random.uniform(-options.shift_seconds, options.shift_seconds);
    const std::int64_t by = std::clamp<std::int64_t>(std::llround(seconds * rate), -size, size);
    if (by >= 0) {  // later
        std::move_backward(view.begin(), view.end() - by, view.end());
        std::fill_n(view.begin(), by, 0.0F);
    } else {
        std::move(view.begin() - by, view.end(), view.begin());
        std::fill_n(view.end() + by, -by, 0.0F);
    }
}

void scale(const AugmentationOptions& options, std::vector<float>& view, Random& random) {
    if (options.scale_probability == 0 || !random.chance(options.scale_probability)) return;
    const auto factor =
        static_cast<float>(random.uniform(1 - options.scale_range, 1 + options.scale_range));
    for (float& value : view) value *= factor;
}

}  // namespace clef
