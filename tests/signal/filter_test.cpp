#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "signal/butterworth.hpp"
#include "signal/scipy_vectors.hpp"
#include "signal/zero_phase.hpp"

namespace clef {

namespace {

using Vector = std::vector<double>;

FilterCoefficients design(const nlohmann::json& entry) {
    const int order = entry["order"];
    const double fs = entry["fs"];
    const Vector corners = entry["corners"];
    if (entry["kind"] == "band") return butterworth_band_pass(order, corners[0], corners[1], fs);
    if (entry["kind"] == "low") return butterworth_low_pass(order, corners[0], fs);
    return butterworth_high_pass(order, corners[0], fs);
}

double magnitude(const FilterCoefficients& filter, double frequency, double sampling_rate) {
    std::complex<long double> top = 0;
    std::complex<long double> bottom = 0;
    for (std::size_t k = 0; k < filter.a.size(); ++k) {
        const long double angle = -2 * std::numbers::pi_v<long double> * frequency / sampling_rate *
                                  static_cast<long double>(k);
        top += static_cast<long double>(filter.b[k]) * std::polar(1.0L, angle);
        bottom += static_cast<long double>(filter.a[k]) * std::polar(1.0L, angle);
    }
    return static_cast<double>(std::abs(top / bottom));
}

}  // namespace

TEST(Butterworth, CoefficientsAgreeWithScipy) {
    for (const auto& entry : testing::scipy_vectors("butterworth")) {
        const FilterCoefficients filter = design(entry);
        const Vector b = entry["b"];
        const Vector a = entry["a"];
        ASSERT_EQ(filter.a.size(), a.size());
        ASSERT_EQ(filter.b.size(), b.size());
        for (std::size_t k = 0; k < a.size(); ++k) {
            EXPECT_NEAR(filter.a[k], a[k], 4e-15 * std::abs(a[k])) << entry.dump();
            EXPECT_NEAR(filter.b[k], b[k], 4e-15 * std::abs(b[k])) << entry.dump();
        }
    }
}

TEST(Butterworth, GainIsOneInTheBandAndOneOverRootTwoAtTheCorners) {
    const FilterCoefficients filter = butterworth_band_pass(4, 5, 40, 250);
    EXPECT_NEAR(magnitude(filter, 5, 250), std::numbers::sqrt2 / 2, 1e-9);
    EXPECT_NEAR(magnitude(filter, 40, 250), std::numbers::sqrt2 / 2, 1e-9);
    EXPECT_NEAR(magnitude(filter, 15, 250), 1, 1e-3);
    EXPECT_LT(magnitude(filter, 0.1, 250), 1e-6);
    EXPECT_LT(magnitude(filter, 124, 250), 1e-6);
}

TEST(Butterworth, ImpossibleCornersAreRefused) {
    EXPECT_THROW(butterworth_band_pass(5, 0, 40, 500), InputError);
    EXPECT_THROW(butterworth_band_pass(5, 0.67, 50, 100), InputError);
    EXPECT_THROW(butterworth_band_pass(5, 40, 0.67, 500), InputError);
    EXPECT_THROW(butterworth_band_pass(0, 0.67, 40, 500), InputError);
    EXPECT_THROW(butterworth_low_pass(40, 10, 500), InputError);
    EXPECT_THROW(butterworth_high_pass(2, std::nan(""), 500), InputError);
}

TEST(ZeroPhase, AgreesWithScipyFiltfilt) {
    for (const auto& entry : testing::scipy_vectors("filtfilt")) {
        const ZeroPhaseFilter filter({entry["b"], entry["a"]});
        const Vector x = entry["x"];
        const Vector expected = entry["y"];
        const Vector y = filter.apply(std::span<const double>(x));
        ASSERT_EQ(y.size(), expected.size());
        for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], expected[i], 1e-8) << i;
        if (!entry.contains("zi")) continue;
        const Vector zi = entry["zi"];
        for (std::size_t i = 0; i < zi.size(); ++i) {
            EXPECT_NEAR(filter.steady_state()[i], zi[i], 1e-13);
        }
    }
}

TEST(ZeroPhase, FloatsAndDoublesAgree) {
    Random random(1, "zero phase");
    std::vector<float> narrow(500);
    for (float& sample : narrow) sample = static_cast<float>(random.normal());
    const Vector wide(narrow.begin(), narrow.end());
    for (const int order : {3, 4, 5}) {
        const ZeroPhaseFilter filter(butterworth_band_pass(order, 1, 40, 500));
        const auto a = filter.apply(std::span<const float>(narrow));
        const auto b = filter.apply(std::span<const double>(wide));
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i], static_cast<float>(b[i]));
    }
}

TEST(ZeroPhase, SignalsTogetherAreTheSameBitsAsOneByOneOnEveryInstructionSet) {
    Random random(2, "lanes");
    for (const FilterCoefficients& coefficients :
         {butterworth_band_pass(5, 0.67, 40, 500), butterworth_band_pass(4, 0.67, 40, 500),
          butterworth_band_pass(3, 1, 40, 500), butterworth_high_pass(5, 0.67, 500),
          butterworth_low_pass(4, 40, 500), butterworth_low_pass(2, 40, 500)}) {
        const ZeroPhaseFilter filter(coefficients);
        for (const std::size_t count : {0U, 1U, 2U, 3U, 4U, 10U, 12U, 17U}) {
            std::vector<Vector> signals(count, Vector(700));
            for (Vector& signal : signals) {
                for (double& sample : signal) sample = 100 + random.normal();
            }
            std::vector<Vector> expected;
            for (const Vector& signal : signals) {
                expected.push_back(filter.apply(std::span<const double>(signal)));
            }
            for (const char* set : instruction_sets()) {
                use_instruction_set(set);
                std::vector<Vector> found = signals;
                filter.apply_all(found);
                EXPECT_EQ(found, expected) << set << ", " << count << " signals";
            }
            use_instruction_set("");
        }
    }
    std::vector<Vector> unequal = {Vector(100, 1), Vector(101, 1)};
    const ZeroPhaseFilter filter(butterworth_low_pass(2, 40, 500));
    EXPECT_THROW(filter.apply_all(unequal), InputError);
}

TEST(ZeroPhase, SineInTheBandIsNeitherDelayedNorAttenuated) {
    const ZeroPhaseFilter filter(butterworth_band_pass(5, 0.67, 40, 500));
    Vector x(10000);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = 3 + std::sin(2 * std::numbers::pi * 10 * static_cast<double>(i) / 500);
    }
    const Vector y = filter.apply(std::span<const double>(x));
    // Nine seconds from the ends, where the transients of the 0.67 Hz corner have died away; what
    // is left is rounding, which a band-pass in this form amplifies.
    for (std::size_t i = 4500; i < 5500; ++i) EXPECT_NEAR(y[i], x[i] - 3, 1e-3) << i;
}

TEST(ZeroPhase, SignalsShorterThanTheExtensionAreRefused) {
    const ZeroPhaseFilter filter(butterworth_band_pass(5, 0.67, 40, 500));
    EXPECT_EQ(filter.padding(), 33U);
    EXPECT_THROW(filter.apply(std::span<const float>(std::vector<float>(33))), InputError);
    EXPECT_EQ(filter.apply(std::span<const float>(std::vector<float>(34))).size(), 34U);
    EXPECT_THROW(filter.apply(std::span<const float>()), InputError);
    EXPECT_THROW(ZeroPhaseFilter({{1}, {}}), InputError);
}

}  // namespace clef
