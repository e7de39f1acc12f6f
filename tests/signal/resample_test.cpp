#include "signal/resample.hpp"

#include <complex>
#include <gtest/gtest.h>
#include <numbers>

#include "base/error.hpp"
#include "base/random.hpp"
#include "signal/fourier.hpp"
#include "signal/scipy_vectors.hpp"

namespace clef {

namespace {

using Spectrum = std::vector<std::complex<double>>;

Spectrum slow_transform(const Spectrum& x) {
    Spectrum result(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        for (std::size_t j = 0; j < x.size(); ++j) {
            const double angle = -2 * std::numbers::pi * static_cast<double>(j * k % x.size()) /
                                 static_cast<double>(x.size());
            result[k] += x[j] * std::polar(1.0, angle);
        }
    }
    return result;
}

}  // namespace

TEST(Fourier, AnyLengthAgreesWithTheDefinition) {
    for (const std::size_t n : {1, 2, 3, 8, 30, 61, 64, 67, 127, 134, 201, 500}) {
        Random random(2, "transform", n);
        Spectrum x(n);
        for (auto& value : x) value = {random.normal(), random.normal()};
        const Spectrum expected = slow_transform(x);
        const Spectrum result = fourier_forward(x);
        const Spectrum back = fourier_inverse(result);
        for (std::size_t k = 0; k < n; ++k) {
            EXPECT_LT(std::abs(result[k] - expected[k]), 1e-11) << n << " " << k;
            EXPECT_LT(std::abs(back[k] - x[k]), 1e-12) << n << " " << k;
        }
    }
}

TEST(Resample, AgreesWithScipyUpAndDownForEvenAndOddLengths) {
    for (const auto& entry : testing::scipy_vectors("resample")) {
        const std::vector<float> x = entry["x"];
        const std::vector<double> expected = entry["y"];
        const std::vector<float> y = fourier_resample(x, expected.size());
        ASSERT_EQ(y.size(), expected.size());
        for (std::size_t i = 0; i < y.size(); ++i) {
            EXPECT_NEAR(y[i], expected[i], 1e-6) << x.size() << " to " << y.size() << " at " << i;
        }
    }
}

TEST(Resample, LongPrimeLengthsAreDoneAtOnce) {
    // With a cost that grows as the square of the prime this would take hours.
    std::vector<float> x(999983);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(std::cos(2 * std::numbers::pi * 3 * static_cast<double>(i) /
                                           static_cast<double>(x.size())));
    }
    const std::vector<float> y = fourier_resample(x, 1009);
    for (std::size_t i = 0; i < y.size(); ++i) {
        EXPECT_NEAR(y[i], std::cos(2 * std::numbers::pi * 3 * static_cast<double>(i) / 1009), 1e-6);
    }
}

TEST(Resample, NothingAndTooMuchAreRefused) {
    EXPECT_THROW(fourier_resample({}, 10), InputError);
    EXPECT_THROW(fourier_resample(std::vector<float>(10), 0), InputError);
    EXPECT_THROW(fourier_resample(std::vector<float>(10), std::size_t{1} << 40), InputError);
}

}  // namespace clef
