#include "signal/butterworth.hpp"

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

}  // namespace

FilterCoefficients butterworth_band_pass(int order, double low, double high, double sampling_rate) {
    check_order(order);
    check_frequency(low, sampling_rate);
    check_frequency(high, sampling_rate);
    if (!(low < high)) {
        fail_input("band-pass from {} to {} Hz: expected the lower corner first", low, high);
    }
    return digitise(analogue_band_pass(order, warp(low, sampling_rate), warp(high, sampling_rate)));
}

FilterCoefficients butterworth_low_pass(int order, double cutoff, double sampling_rate) {
    check_order(order);
    check_frequency(cutoff, sampling_rate);
    return digitise(analogue_low_pass(order, warp(cutoff, sampling_rate)));
}

FilterCoefficients butterworth_high_pass(int order, double cutoff, double sampling_rate) {
    check_order(order);
    check_frequency(cutoff, sampling_rate);
    return digitise(analogue_high_pass(order, warp(cutoff, sampling_rate)));
}

}  // namespace clef
