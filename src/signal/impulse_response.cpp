#include "signal/impulse_response.hpp"

#include <algorithm>

namespace clef {

std::vector<float> impulse_response(const FilterCoefficients& filter, std::size_t samples) {
    std::vector<long double> exact(samples);
    for (std::size_t n = 0; n < samples; ++n) {
        long double value = n < filter.b.size() ? filter.b[n] : 0;
        for (std::size_t k = 1; k <= std::min(n, filter.a.size() - 1); ++k) {
            value -= filter.a[k] * exact[n - k];
        }
        exact[n] = value / filter.a[0];
    }
    return {exact.begin(), exact.end()};
}

long double gain_at_zero(const FilterCoefficients& filter) {
    // Extended precision: of a narrow band-pass Σa is the tiny difference of large numbers.
    long double sum_b = 0;
    long double sum_a = 0;
    for (const double value : filter.b) sum_b += value;
    for (const double value : filter.a) sum_a += value;
    return sum_b == 0 ? 0 : sum_b / sum_a;
}

}  // namespace clef
