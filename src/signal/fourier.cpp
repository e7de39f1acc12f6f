#include "signal/fourier.hpp"

#include <bit>
#include <numbers>
#include <set>

#include <unsupported/Eigen/FFT>

namespace clef {

namespace {

using Spectrum = std::vector<std::complex<double>>;

// A prime factor p costs p operations per sample in the mixed-radix transform.
constexpr std::size_t largest_direct_factor = 64;

std::size_t largest_prime_factor(std::size_t n) {
    std::size_t largest = 1;
    for (std::size_t p = 2; p * p <= n; ++p) {
        while (n % p == 0) {
            largest = p;
            n /= p;
        }
    }
    return n > 1 ? std::max(largest, n) : largest;
}

// Eigen's transform keeps the tables of every length it has met. One per thread, so that lengths
// met again are quick; emptied now and then, so that a folder of recordings of a thousand lengths
// does not fill memory.
class DirectTransform {
  public:
    Spectrum forward(const Spectrum& x) {
        remember(x.size());
        Spectrum result(x.size());
        transform_.fwd(result.data(), x.data(), static_cast<Eigen::Index>(x.size()));
        return result;
    }

  private:
    void remember(std::size_t length) {
        constexpr std::size_t max_lengths = 8;
        if (lengths_.size() >= max_lengths && lengths_.count(length) == 0) {
            transform_ = {};
            lengths_.clear();
        }
        lengths_.insert(length);
    }

    Eigen::FFT<double> transform_;
    std::set<std::size_t> lengths_;
};

Spectrum forward_direct(const Spectrum& x) {
    thread_local DirectTransform transform;
    return transform.forward(x);
}

Spectrum conjugate(Spectrum x) {
    for (auto& value : x) value = std::conj(value);
    return x;
}

// jk = (j² + k² − (j − k)²) / 2 turns the transform into a convolution with exp(πi k²/n), done with
// a transform whose length is a power of two.
Spectrum forward_by_convolution(const Spectrum& x) {
    const std::size_t n = x.size();
    const std::size_t padded = std::bit_ceil(2 * n - 1);
    Spectrum chirp(n);
    for (std::size_t k = 0; k < n; ++k) {
        // k² modulo 2n keeps the angle small, and so exact; n is far below 2^32.
        const auto square = static_cast<double>(k * k % (2 * n));
        chirp[k] = std::polar(1.0, -std::numbers::pi * square / static_cast<double>(n));
    }
    Spectrum signal(padded);
    Spectrum kernel(padded);
    for (std::size_t k = 0; k < n; ++k) {
        signal[k] = x[k] * chirp[k];
        kernel[k] = std::conj(chirp[k]);
        kernel[(padded - k) % padded] = kernel[k];
    }
    signal = forward_direct(signal);
    kernel = forward_direct(kernel);
    for (std::size_t k = 0; k < padded; ++k) signal[k] = std::conj(signal[k] * kernel[k]);
    signal = forward_direct(signal);  // of the conjugate: the conjugate of the inverse, unscaled
    Spectrum result(n);
    for (std::size_t k = 0; k < n; ++k) {
        result[k] = std::conj(signal[k]) * chirp[k] / static_cast<double>(padded);
    }
    return result;
}

}  // namespace

std::vector<std::complex<double>> fourier_forward(const std::vector<std::complex<double>>& x) {
    if (x.size() < 2) return x;
    return largest_prime_factor(x.size()) <= largest_direct_factor ? forward_direct(x)
                                                                   : forward_by_convolution(x);
}

std::vector<std::complex<double>> fourier_inverse(const std::vector<std::complex<double>>& x) {
    Spectrum result = conjugate(fourier_forward(conjugate(x)));
    for (auto& value : result) value /= static_cast<double>(x.size());
    return result;
}

}  // namespace clef
