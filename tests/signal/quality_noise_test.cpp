// What noise that was recorded does to the quality of leads that were recorded: the figures of
// docs/formats.md.
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "formats/ecg_file.hpp"
#include "shared.hpp"
#include "signal/quality.hpp"
#include "signal/resample.hpp"

namespace clef {

using testing::shared_folder;

namespace {

constexpr double rate = 500;
constexpr std::size_t samples = 5000;

// Ten seconds of a noise recording of 30 s at 360 Hz, at 500 Hz, without its mean.
std::vector<float> recorded_noise(const std::string& name, std::size_t third) {
    ReadOptions options;
    options.leads = {"1"};
    options.sampling_rate = 360;
    options.units = "200/mV";
    options.lead_names = {"sample", "1", "2"};
    options.from = 3600 * third;
    options.to = options.from + 3600;
    const Recording read = read_ecg(shared_folder() / "data/noise" / (name + ".mat"), options);
    auto noise = fourier_resample(read.leads[0].samples, samples);
    double mean = 0;
    for (const float value : noise) mean += value / static_cast<double>(samples);
    for (float& value : noise) value -= static_cast<float>(mean);
    return noise;
}

std::vector<std::vector<float>> clean_leads() {
    std::vector<std::vector<float>> leads;
    const auto folder = shared_folder() / "data/ptbxl/records500/00000";
    for (int number = 1; leads.size() < 80; ++number) {
        char name[16];
        std::snprintf(name, sizeof name, "%05d_hr", number);
        if (!std::filesystem::exists(folder / (std::string(name) + ".dat"))) continue;
        leads.push_back(read_ecg(folder / name, {.leads = {"II"}}).leads[0].samples);
    }
    return leads;
}

double power(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return sum / static_cast<double>(values.size());
}

// SNR as peak-to-peak² / 8 over the noise's power.
std::vector<float> add(const std::vector<float>& clean, const std::vector<float>& noise,
                       double decibels) {
    const auto [low, high] = std::minmax_element(clean.begin(), clean.end());
    const double span = *high - *low;
    const double wanted = span * span / 8 / std::pow(10, decibels / 10);
    const auto factor = static_cast<float>(std::sqrt(wanted / power(noise)));
    std::vector<float> sum = clean;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * noise[i];
    return sum;
}

struct Means {
    double correlation = 0;
    double quality = 0;
};

Means means_with(const std::vector<std::vector<float>>& leads, const std::string& kind,
                 double decibels) {
    std::vector<std::vector<float>> noises;
    for (std::size_t third = 0; third < 3; ++third) noises.push_back(recorded_noise(kind, third));
    Means means;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const auto found = window_quality(add(leads[i], noises[i % 3], decibels), rate, true);
        means.correlation += found.beat_correlation / static_cast<double>(leads.size());
        means.quality += found.quality / static_cast<double>(leads.size());
    }
    return means;
}

}  // namespace

TEST(QualityOfRecordedNoise, FallsAsItGrowsAndMuscleCountsMost) {
    CLEF_REQUIRE_SHARED("data/noise/MA.mat");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500/00000/00001_hr.dat");
    const auto leads = clean_leads();
    // docs/formats.md, at 24, 18, 12, 6, 0 and −6 dB.
    const std::map<std::string, std::array<double, 6>> documented{
        {"BW", {0.954, 0.954, 0.953, 0.950, 0.934, 0.810}},
        {"EM", {0.953, 0.949, 0.929, 0.857, 0.668, 0.588}},
        {"MA", {0.951, 0.936, 0.848, 0.620, 0.327, 0.071}}};
    for (const auto& [kind, correlations] : documented) {
        double above = 1;
        for (std::size_t i = 0; i < correlations.size(); ++i) {
            const double decibels = 24 - 6.0 * static_cast<double>(i);
            const Means means = means_with(leads, kind, decibels);
            EXPECT_NEAR(means.correlation, correlations[i], 0.001) << kind << decibels << " dB";
            EXPECT_LT(means.quality, above + 0.002) << kind << decibels << " dB";
            above = means.quality;
        }
        EXPECT_LT(above, kind == "BW" ? 0.93 : kind == "EM" ? 0.75 : 0.2) << kind;
    }
}

}  // namespace clef
