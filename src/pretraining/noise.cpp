#include "pretraining/noise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/normals.hpp"
#include "signal/lead_arithmetic.hpp"

namespace clef {

namespace {

void add_white(std::vector<double>& noise, Random& random) {
    std::vector<double> white(noise.size());
    fill_normals(random, white);
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] += white[i];
}

// Mean 0, RMS 1; what changes by no more than rounding errors becomes zeros.
void standardise(std::vector<double>& noise) {
    const auto n = static_cast<double>(noise.size());
    double mean = 0;
    double before = 0;
    for (const double value : noise) {
        mean += value;
        before += value * value;
    }
    mean /= n;
    before /= n;
    double squares = 0;
    for (double& value : noise) {
        value -= mean;
        squares += value * value;
    }
    squares /= n;
    const double scale = squares > 1e-18 * before ? 1 / std::sqrt(squares) : 0;
    for (double& value : noise) value *= scale;
}

std::vector<double> stretch_of(const NoiseKind& kind, std::size_t samples, Random& random) {
    const auto& channel = kind.channels[random.below(kind.channels.size())];
    const std::size_t start = random.below(channel.size() - samples + 1);
    const auto begin = channel.begin() + static_cast<std::ptrdiff_t>(start);
    std::vector<double> noise(begin, begin + static_cast<std::ptrdiff_t>(samples));
    standardise(noise);
    return noise;
}

std::vector<double> mixture_of(const NoiseBank& bank, std::size_t samples, Random& random) {
    std::vector<double> sum(samples, 0.0);
    for (const NoiseKind& kind : bank.kinds) {
        const std::vector<double> noise = stretch_of(kind, samples, random);
        for (std::size_t i = 0; i < samples; ++i) sum[i] += noise[i];
    }
    standardise(sum);
    return sum;
}

}  // namespace

void add_wave(std::vector<double>& noise, double frequency, double rate, Random& random) {
    const double phase = random.uniform(0, 2 * std::numbers::pi);
    add_sine(noise, std::sqrt(2.0), 2 * std::numbers::pi * frequency / rate, phase);
}

std::vector<double> recorded_noise(const NoiseBank& bank, std::size_t samples, Random& random) {
    const bool mixed = std::any_of(bank.kinds.begin(), bank.kinds.end(),
                                   [](const NoiseKind& kind) { return kind.is_mixture; });
    const std::size_t choices = bank.kinds.size() + (mixed || bank.kinds.size() == 1 ? 0 : 1);
    const std::size_t choice = random.below(choices);
    return choice < bank.kinds.size() ? stretch_of(bank.kinds[choice], samples, random)
                                      : mixture_of(bank, samples, random);
}

std::vector<double> synthetic_noise(std::size_t samples, double rate, Random& random) {
    std::vector<double> noise(samples, 0.0);
    const std::uint64_t kind = random.below(4);
    if (kind == 0 || kind == 3) add_wave(noise, random.uniform(0.05, 0.5), rate, random);
    if (kind == 1 || kind == 3) add_white(noise, random);
    if (kind == 2 || kind == 3) add_wave(noise, random.chance(0.5) ? 50 : 60, rate, random);
    if (kind == 3) {
        for (double& value : noise) value /= std::sqrt(3.0);
    }
    return noise;
}

}  // namespace clef
