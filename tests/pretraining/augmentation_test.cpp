#include "pretraining/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace clef {
namespace {

std::vector<float> sine() {
    std::vector<float> view(1000);
    for (std::size_t i = 0; i < view.size(); ++i)
        view[i] = std::sin(static_cast<float>(i) * 0.05F) + 2;
    return view;
}

double deviation_of_change(const std::vector<float>& view) {
    const auto before = sine();
    double squares = 0;
    for (std::size_t i = 0; i < view.size(); ++i)
        squares += std::pow(view[i] - before[i], 2) / 1000;
    return std::sqrt(squares);
}

TEST(Augmentation, OffIsOff) {
    auto view = sine();
    Random random(1, "test");
    const AugmentationOptions off;
    shift(off, view, 500, random);
    add_noise(off, view, 500, {}, random);
    add_hum(off, view, 500, random);
    mask(off, view, random);
    scale(off, view, random);
    EXPECT_EQ(view, sine());
}

TEST(Augmentation, NoiseHasTheStrengthAskedFor) {
    AugmentationOptions options;
    options.noise_probability = 1;
    options.noise_rms = 0.1;
    double mean = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        auto view = sine();
        Random random(1, "test", 0, i);
        add_noise(options, view, 500, {}, random);
        mean += deviation_of_change(view) / 200;
    }
    EXPECT_NEAR(mean, 0.1 * std::sqrt(0.5), 0.015);  // a sine's deviation is √½
}

TEST(Augmentation, MaskingZeroesOneStretchWithinItsLimits) {
    AugmentationOptions options;
    options.mask_probability = 1;
    for (std::uint64_t i = 0; i < 200; ++i) {
        auto view = sine();
        Random random(1, "test", 0, i);
        mask(options, view, random);
        const auto zeros = std::count(view.begin(), view.end(), 0.0F);
        EXPECT_GE(zeros, 99);
        EXPECT_LE(zeros, 301);
        const auto first = std::find(view.begin(), view.end(), 0.0F);
        EXPECT_TRUE(std::all_of(first, first + zeros, [](float value) { return value == 0; }));
    }
}

TEST(Augmentation, NoiseInMillivoltsDoesNotDependOnTheView) {
    AugmentationOptions options;
    options.noise_probability = 1;
    options.noise_scale = "millivolts";
    const NoiseBank bank{{{"one", {std::vector<float>(2000)}, false}}};
    auto noisy = bank;
    for (std::size_t i = 0; i < 2000; ++i)
        noisy.kinds[0].channels[0][i] = i % 2 == 0 ? 3.0F : -1.0F;
    auto view = sine();
    Random random(1, "test");
    add_noise(options, view, 500, noisy, random);
    EXPECT_NEAR(deviation_of_change(view), 0.1, 1e-5);
}

TEST(Augmentation, RecordedNoiseIsCutFromTheKindsEvenlyAndMixed) {
    // Each kind is a ramp of its own frequency content: told apart by its slope's sign.
    NoiseBank bank{{{"up", {std::vector<float>(3000)}, false},
                    {"down", {std::vector<float>(3000), std::vector<float>(3000)}, false}}};
    for (std::size_t i = 0; i < 3000; ++i) {
        bank.kinds[0].channels[0][i] = static_cast<float>(i) + 7;
        for (auto& channel : bank.kinds[1].channels) channel[i] = 5 - 3 * static_cast<float>(i);
    }
    int up = 0, down = 0, mixed = 0;
    for (std::uint64_t i = 0; i < 900; ++i) {
        Random random(1, "test", 0, i);
        const auto noise = recorded_noise(bank, 1000, random);
        double mean = 0, squares = 0;
        for (const double value : noise) {
            mean += value / 1000;
            squares += value * value / 1000;
        }
        EXPECT_NEAR(mean, 0, 1e-9);
        const double slope = noise[999] - noise[0];
        // The mixture of the two cancels to rounding errors, which are scaled up, or to nothing.
        const bool ramp = std::abs(std::abs(slope) - std::sqrt(12.0)) < 0.01;
        EXPECT_TRUE(!ramp || std::abs(squares - 1) < 1e-6) << squares;
        (!ramp ? mixed : slope > 0 ? up : down) += 1;
    }
    for (const int count : {up, down, mixed}) EXPECT_NEAR(count, 300, 60);
}

TEST(Augmentation, AMixtureOfTheFilesOwnIsOneKindAmongTheOthers) {
    NoiseBank bank{{{"a", {{1, 2, 4, 3}}, false}, {"mixture", {{1, 2, 4, 3}}, true}}};
    for (std::uint64_t i = 0; i < 20; ++i) {
        Random random(1, "test", 0, i);
        const auto noise = recorded_noise(bank, 4, random);
        EXPECT_NEAR(noise[2], 1.5 / std::sqrt(1.25), 1e-9);
    }
}

TEST(Augmentation, FlatNoiseIsNone) {
    const NoiseBank bank{{{"flat", {std::vector<float>(20, 3.0F)}, false}}};
    Random random(1, "test");
    EXPECT_EQ(recorded_noise(bank, 10, random), std::vector<double>(10, 0.0));
}

// The discrete Fourier sum at one frequency: amplitude of a sine there.
double amplitude_at(const std::vector<float>& values, double frequency, double rate) {
    double real = 0, imaginary = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double angle = 2 * M_PI * frequency * static_cast<double>(i) / rate;
        real += values[i] * std::cos(angle);
        imaginary += values[i] * std::sin(angle);
    }
    return 2 * std::hypot(real, imaginary) / static_cast<double>(values.size());
}

TEST(Augmentation, HumIsASineOfTheMains) {
    AugmentationOptions options;
    options.hum_probability = 1;
    options.hum_rms = 0.5;
    int fifty = 0;
    for (std::uint64_t i = 0; i < 100; ++i) {
        auto view = sine();
        Random random(1, "test", 0, i);
        add_hum(options, view, 500, random);
        for (std::size_t k = 0; k < view.size(); ++k) view[k] -= sine()[k];
        const double at50 = amplitude_at(view, 50, 500);
        const double at60 = amplitude_at(view, 60, 500);
        EXPECT_NEAR(at50 + at60, 0.5 * std::sqrt(0.5) * std::sqrt(2.0), 0.01);
        fifty += at50 > at60 ? 1 : 0;
    }
    EXPECT_NEAR(fifty, 50, 20);
}

TEST(Augmentation, ShiftsMoveTheViewAndLetZerosIn) {
    AugmentationOptions options;
    options.shift_probability = 1;
    options.shift_seconds = 0.1;
    int earlier = 0, later = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        auto view = sine();
        Random random(1, "test", 0, i);
        shift(options, view, 500, random);
        const auto leading =
            std::find_if(view.begin(), view.end(), [](float value) { return value != 0; }) -
            view.begin();
        const auto trailing =
            std::find_if(view.rbegin(), view.rend(), [](float value) { return value != 0; }) -
            view.rbegin();
        EXPECT_LE(leading + trailing, 50);
        EXPECT_TRUE(leading == 0 || trailing == 0);
        for (auto k = leading; k < 1000 - trailing; ++k) {
            ASSERT_EQ(view[k], sine()[k - leading + trailing]);
        }
        earlier += trailing > 0 ? 1 : 0;
        later += leading > 0 ? 1 : 0;
    }
    EXPECT_GT(earlier, 70);
    EXPECT_GT(later, 70);
}

TEST(Augmentation, ScalingMultipliesWithinItsRange) {
    AugmentationOptions options;
    options.scale_probability = 1;
    options.scale_range = 0.2;
    float least = 2, most = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        auto view = sine();
        Random random(1, "test", 0, i);
        scale(options, view, random);
        const float factor = view[0] / sine()[0];
        EXPECT_NEAR(view[500], factor * sine()[500], 1e-5);
        least = std::min(least, factor);
        most = std::max(most, factor);
    }
    EXPECT_NEAR(least, 0.8, 0.01);
    EXPECT_NEAR(most, 1.2, 0.01);
}

TEST(Augmentation, ImpossibleOptionsAreRefused) {
    for (double AugmentationOptions::*probability :
         {&AugmentationOptions::noise_probability, &AugmentationOptions::mask_probability,
          &AugmentationOptions::hum_probability, &AugmentationOptions::shift_probability,
          &AugmentationOptions::scale_probability}) {
        for (const double value : {-0.1, 1.1}) {
            AugmentationOptions options;
            options.*probability = value;
            EXPECT_THROW(check_augmentation(options), InputError);
        }
    }
    AugmentationOptions options;
    options.noise_scale = "volts";
    EXPECT_THROW(check_augmentation(options), InputError);
    options = {};
    options.scale_range = 1;
    EXPECT_THROW(check_augmentation(options), InputError);
}

}  // namespace
}  // namespace clef
