// Discrete Fourier transforms of any length in bounded time: O(n log n) also where n is prime.
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace clef {

// Forward: Σ x[k] exp(−2πi jk/n), unscaled. Inverse: the same with +, divided by n.
// Mixed radix where n has only small prime factors, else by convolution (Bluestein, "A linear
// filtering approach to the computation of discrete Fourier transform", 1970). Thread-safe.
std::vector<std::complex<double>> fourier_forward(const std::vector<std::complex<double>>& x);
std::vector<std::complex<double>> fourier_inverse(const std::vector<std::complex<double>>& x);

}  // namespace clef
