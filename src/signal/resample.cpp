#include "signal/resample.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "signal/fourier.hpp"

namespace clef {

namespace {

constexpr std::size_t max_samples = std::size_t{1} << 22;

void check(std::size_t in, std::size_t out) {
    if (in == 0 || out == 0) fail_input("resampling {} samples to {}: nothing to do", in, out);
    if (in > max_samples || out > max_samples) {
        fail_input("resampling {} samples to {}: at most {} can be; cut the signal into windows",
                   in, out, max_samples);
    }
}

}  // namespace

std::vector<float> fourier_resample(std::span<const float> signal, std::size_t samples_out) {
    const std::size_t samples_in = signal.size();
    check(samples_in, samples_out);
    if (samples_in == samples_out) return {signal.begin(), signal.end()};

    const auto spectrum =
        fourier_forward(std::vector<std::complex<double>>(signal.begin(), signal.end()));
    const std::size_t kept = std::min(samples_in, samples_out);
    std::vector<std::complex<double>> resampled(samples_out);
    resampled[0] = spectrum[0].real();
    for (std::size_t k = 1; 2 * k < kept; ++k) {
        resampled[k] = spectrum[k];
        resampled[samples_out - k] = std::conj(spectrum[k]);
    }
    if (kept % 2 == 0) {
        // The bin at the lower Nyquist frequency stands alone on one side and is a pair on the
        // other: split in two going up, united going down.
        const std::size_t k = kept / 2;
        if (samples_out > samples_in) {
            resampled[k] = spectrum[k] * 0.5;
            resampled[samples_out - k] = std::conj(resampled[k]);
        } else {
            resampled[k] = 2 * spectrum[k].real();
        }
    }
    const auto series = fourier_inverse(resampled);
    const double scale = static_cast<double>(samples_out) / static_cast<double>(samples_in);
    std::vector<float> result(samples_out);
    for (std::size_t i = 0; i < samples_out; ++i) {
        result[i] = static_cast<float>(series[i].real() * scale);
    }
    return result;
}

}  // namespace clef
