#include "signal/quality_noise.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "signal/beats.hpp"
#include "signal/fourier.hpp"

namespace clef {

namespace {

using Spectrum = std::vector<std::complex<double>>;

constexpr double lowest_rate = 125;
constexpr double highest_frequency = 40;

// Coefficients 0 … count − 1 (at most half the length) of a real signal of even length, from the
// transform of half as many complex numbers (even samples real, odd ones imaginary).
Spectrum even_spectrum(const std::vector<double>& values, std::size_t count) {
    const std::size_t half = values.size() / 2;
    Spectrum packed(half);
    for (std::size_t i = 0; i < half; ++i) packed[i] = {values[2 * i], values[2 * i + 1]};
    packed = fourier_forward(packed);
    Spectrum result(count);
    const double angle = -std::numbers::pi / static_cast<double>(half);
    const std::complex<double> step = std::polar(1.0, angle);
    std::complex<double> turn = 1;
    for (std::size_t k = 0; k < count; ++k) {
        const std::complex<double> a = packed[k % half];
        const std::complex<double> b = std::conj(packed[(half - k % half) % half]);
        const std::complex<double> odd = std::complex<double>(0, -0.5) * (a - b);
        result[k] = 0.5 * (a + b) + turn * odd;
        turn *= step;
    }
    return result;
}

Spectrum real_spectrum(const std::vector<double>& values, std::size_t count) {
    if (values.size() % 2 == 0) return even_spectrum(values, count);
    Spectrum result = fourier_forward(Spectrum(values.begin(), values.end()));
    result.resize(count);
    return result;
}

// Periodogram, up to a constant factor, at bins 0 … count − 1, at most half the length. The Hann
// window is a convolution of the spectrum with −1/4, 1/2, −1/4.
std::vector<double> periodogram(const std::vector<double>& values, std::size_t count) {
    const std::size_t n = values.size();
    std::vector<double> centred = values;
    double mean = 0;
    for (const double value : values) mean += value;
    mean /= static_cast<double>(n);
    for (double& value : centred) value -= mean;
    const std::size_t half = n / 2 + 1;
    const Spectrum x = real_spectrum(centred, std::min(count + 1, half));
    const auto at = [&](std::size_t k) { return k < x.size() ? x[k] : std::conj(x[n - k]); };
    std::vector<double> power(count);
    for (std::size_t k = 0; k < count; ++k) {
        const std::complex<double> before = k == 0 ? std::conj(at(1)) : at(k - 1);
        const double both_sides = k == 0 || 2 * k == n ? 1 : 2;
        power[k] = both_sides * std::norm(0.5 * at(k) - 0.25 * (before + at(k + 1)));
    }
    return power;
}

std::vector<float> without_baseline(const BlockMeans& lead) {
    constexpr double half_seconds = 0.1;
    const std::size_t n = lead.values.size();
    const auto half = static_cast<std::size_t>(std::llround(half_seconds * lead.rate));
    std::vector<double> sums(n + 1, 0.0);
    for (std::size_t i = 0; i < n; ++i) sums[i + 1] = sums[i] + lead.values[i];
    std::vector<float> result(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t begin = i > half ? i - half : 0;
        const std::size_t end = std::min(n, i + half + 1);
        const double mean = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
        result[i] = static_cast<float>(lead.values[i] - mean);
    }
    return result;
}

// The stretches around the peaks that lie wholly inside, one behind the other, each minus its mean.
std::vector<double> centred_beats(const std::vector<float>& lead,
                                  const std::vector<std::size_t>& peaks, std::size_t half) {
    std::vector<double> beats;
    for (const std::size_t peak : peaks) {
        if (peak < half || peak + half >= lead.size()) continue;
        const auto begin = lead.begin() + static_cast<std::ptrdiff_t>(peak - half);
        const auto end = begin + static_cast<std::ptrdiff_t>(2 * half + 1);
        double mean = 0;
        for (auto value = begin; value != end; ++value) mean += *value;
        mean /= static_cast<double>(2 * half + 1);
        for (auto value = begin; value != end; ++value) beats.push_back(*value - mean);
    }
    return beats;
}

}  // namespace

BlockMeans block_means(std::span<const float> samples, double rate) {
    const auto block = static_cast<std::size_t>(std::max(1.0, std::floor(rate / lowest_rate)));
    BlockMeans means{rate / static_cast<double>(block), {}};
    means.values.resize(samples.size() / block);
    for (std::size_t i = 0; i < means.values.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < block; ++k) sum += samples[i * block + k];
        means.values[i] = sum / static_cast<double>(block);
    }
    return means;
}

NoisePowers noise_powers(const BlockMeans& lead) {
    const std::size_t n = lead.values.size();
    if (n < 4) return {};
    const std::size_t half = n / 2 + 1;
    // The first bin that is not below a frequency.
    const auto bin = [&](double frequency) {
        const double place = frequency * static_cast<double>(n) / lead.rate;
        return std::min(half, static_cast<std::size_t>(std::ceil(place - 1e-9)));
    };
    const std::vector<double> power = periodogram(lead.values, bin(highest_frequency));
    const auto sum = [&](double from, double to) {
        double total = 0;
        for (std::size_t k = bin(from); k < bin(to); ++k) total += power[k];
        return total;
    };
    NoisePowers powers;
    const double all = sum(0, highest_frequency);
    const double beats_and_noise = sum(5, highest_frequency);
    if (beats_and_noise > 0) powers.noise = sum(15, highest_frequency) / beats_and_noise;
    if (all > 0) powers.baseline = sum(0, 1) / all;
    return powers;
}

BeatCorrelation beat_correlation(const BlockMeans& lead) {
    constexpr double half_seconds = 0.15;
    const std::vector<std::vector<float>> leads = {without_baseline(lead)};
    const auto half = static_cast<std::size_t>(std::llround(half_seconds * lead.rate));
    const std::vector<double> beats =
        centred_beats(leads.front(), find_beats(leads, lead.rate), half);
    const std::size_t length = 2 * half + 1;
    const std::size_t count = beats.size() / length;
    if (count < 2) return {0, count};
    std::vector<double> sum(length, 0.0);
    for (std::size_t i = 0; i < beats.size(); ++i) sum[i % length] += beats[i];
    double total = 0;
    for (std::size_t beat = 0; beat < count; ++beat) {
        double product = 0;
        double own = 0;
        double others = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const double value = beats[beat * length + i];
            const double other = sum[i] - value;
            product += value * other;
            own += value * value;
            others += other * other;
        }
        if (own > 0 && others > 0) total += product / std::sqrt(own * others);
    }
    return {total / static_cast<double>(count), count};
}

}  // namespace clef
