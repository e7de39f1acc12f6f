#include "signal/butterworth.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "base/error.hpp"

namespace clef {

namespace {

using Real = long double;
using Complex = std::complex<Real>;

constexpr int max_order = 12;
// The bilinear transformation's own sampling rate is 2: s = 4 (z − 1) / (z + 1).
constexpr Real bilinear_scale = 4;

struct ZerosPolesGain {
    std::vector<Complex> zeros;
    std::vector<Complex> poles;
    Real gain = 1;
};

// Poles on the left half of the unit circle; the middle one of an odd order exactly real.
std::vector<Complex> prototype_poles(int order) {
    std::vector<Complex> poles;
    for (int m = -order + 1; m < order; m += 2) {
        const Real angle = std::numbers::pi_v<Real> * m / (2 * order);
        poles.emplace_back(-std::cos(angle), -std::sin(angle));
    }
    return poles;
}

Real warp(double frequency, double sampling_rate) {
    const Real normalised = static_cast<Real>(frequency) / (static_cast<Real>(sampling_rate) / 2);
    return bilinear_scale * std::tan(std::numbers::pi_v<Real> * normalised / 2);
}

ZerosPolesGain analogue_low_pass(int order, Real cutoff) {
    ZerosPolesGain filter;
    for (const Complex pole : prototype_poles(order)) {
        filter.poles.push_back(pole * cutoff);
        filter.gain *= cutoff;
    }
    return filter;
}

ZerosPolesGain analogue_high_pass(int order, Real cutoff) {
    ZerosPolesGain filter;
    for (const Complex pole : prototype_poles(order)) filter.poles.push_back(cutoff / pole);
    filter.zeros.assign(static_cast<std::size_t>(order), Complex{0});
    return filter;
}

ZerosPolesGain analogue_band_pass(int order, Real low, Real high) {
    ZerosPolesGain filter;
    const Real width = high - low;
    for (const Complex pole : prototype_poles(order)) {
        const Complex middle = pole * (width / 2);
        const Complex apart = std::sqrt(middle * middle - low * high);
        filter.poles.push_back(middle + apart);
        filter.poles.push_back(middle - apart);
        filter.gain *= width;
    }
    filter.zeros.assign(static_cast<std::size_t>(order), Complex{0});
    return filter;
}

ZerosPolesGain bilinear(const ZerosPolesGain& analogue) {
    ZerosPolesGain digital;
    Complex gain = analogue.gain;
    for (const Complex zero : analogue.zeros) {
        digital.zeros.push_back((bilinear_scale + zero) / (bilinear_scale - zero));
        gain *= bilinear_scale - zero;
    }
    for (const Complex pole : analogue.poles) {
        digital.poles.push_back((bilinear_scale + pole) / (bilinear_scale - pole));
        gain /= bilinear_scale - pole;
    }
    digital.zeros.resize(digital.poles.size(), Complex{-1});  // zeros at infinity fold to −1
    digital.gain = gain.real();
    return digital;
}

// The coefficients of Π (1 − root z⁻¹) times the gain. Roots come in conjugate pairs, so the
// imaginary parts are rounding only.
std::vector<double> expand(const std::vector<Complex>& roots, Real gain) {
    std::vector<Complex> product{Complex{1}};
    for (const Complex root : roots) {
        product.push_back(Complex{0});
        for (std::size_t i = product.size() - 1; i > 0; --i) product[i] -= root * product[i - 1];
    }
    std::vector<double> coefficients;
    for (const Complex value : product) {
        coefficients.push_back(static_cast<double>(gain * value.real()));
    }
    return coefficients;
}

FilterCoefficients digitise(const ZerosPolesGain& analogue) {
    const ZerosPolesGain digital = bilinear(analogue);
    return {expand(digital.zeros, digital.gain), expand(digital.poles, 1)};
}

// Poles with their conjugates, real ones two by two; each section has as many zeros as poles, of a
// band-pass one at 1 and one at −1. The gain is the first section's.
std::vector<FilterCoefficients> sections_of(const ZerosPolesGain& analogue) {
    const ZerosPolesGain digital = bilinear(analogue);
    std::vector<std::vector<Complex>> groups;
    std::vector<Complex> real;
    for (const Complex pole : digital.poles) {
        if (std::abs(pole.imag()) <= 1e-15L) {
            real.emplace_back(pole.real());
        } else if (pole.imag() > 0) {
            groups.push_back({pole, std::conj(pole)});
        }
    }
    for (std::size_t i = 0; i < real.size(); i += 2) {
        groups.emplace_back(
            real.begin() + static_cast<std::ptrdiff_t>(i),
            real.begin() + static_cast<std::ptrdiff_t>(std::min(i + 2, real.size())));
    }
    std::vector<FilterCoefficients> sections;
    std::size_t used = 0;
    for (const auto& poles : groups) {
        std::vector<Complex> zeros{digital.zeros[used]};
        if (poles.size() == 2) zeros.push_back(digital.zeros[digital.zeros.size() - 1 - used]);
        ++used;
        sections.push_back(
            {expand(zeros, sections.empty() ? digital.gain : Real{1}), expand(poles, 1)});
    }
    return sections;
}

void check_order(int order) {
    if (order < 1 || order > max_order) {
        fail_input("Butterworth filter of order {}: expected 1 to {}", order, max_order);
    }
}

void check_frequency(double frequency, double sampling_rate) {
    if (!(frequency > 0) || !(frequency < sampling_rate / 2)) {
        fail_input("filter corner at {} Hz: expected between 0 and {} Hz, half the sampling rate",
                   frequency, sampling_rate / 2);
    }
}

ZerosPolesGain checked_band_pass(int order, double low, double high, double sampling_rate) {
    check_order(order);
    check_frequency(low, sampling_rate);
    check_frequency(high, sampling_rate);
    if (!(low < high)) {
        fail_input("band-pass from {} to {} Hz: expected the lower corner first", low, high);
    }
    return analogue_band_pass(order, warp(low, sampling_rate), warp(high, sampling_rate));
}

ZerosPolesGain checked_low_pass(int order, double cutoff, double sampling_rate) {
    check_order(order);
    check_frequency(cutoff, sampling_rate);
    return analogue_low_pass(order, warp(cutoff, sampling_rate));
}

ZerosPolesGain checked_high_pass(int order, double cutoff, double sampling_rate) {
    check_order(order);
    check_frequency(cutoff, sampling_rate);
    return analogue_high_pass(order, warp(cutoff, sampling_rate));
}

}  // namespace

FilterCoefficients butterworth_band_pass(int order, double low, double high, double sampling_rate) {
    return digitise(checked_band_pass(order, low, high, sampling_rate));
}

FilterCoefficients butterworth_low_pass(int order, double cutoff, double sampling_rate) {
    return digitise(checked_low_pass(order, cutoff, sampling_rate));
}

FilterCoefficients butterworth_high_pass(int order, double cutoff, double sampling_rate) {
    return digitise(checked_high_pass(order, cutoff, sampling_rate));
}

std::vector<FilterCoefficients> butterworth_band_pass_sections(int order, double low, double high,
                                                               double sampling_rate) {
    return sections_of(checked_band_pass(order, low, high, sampling_rate));
}

std::vector<FilterCoefficients> butterworth_low_pass_sections(int order, double cutoff,
                                                              double sampling_rate) {
    return sections_of(checked_low_pass(order, cutoff, sampling_rate));
}

std::vector<FilterCoefficients> butterworth_high_pass_sections(int order, double cutoff,
                                                               double sampling_rate) {
    return sections_of(checked_high_pass(order, cutoff, sampling_rate));
}

}  // namespace clef
