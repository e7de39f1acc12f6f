// The filters of a stream, against SciPy and against themselves in pieces.
#include "signal/causal.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "signal/notch.hpp"

namespace clef {

namespace {

std::vector<double> signal_of(std::size_t samples, double constant = 0.8) {
    std::vector<double> signal(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const auto n = static_cast<double>(i);
        signal[i] = constant + std::sin(n * 0.37) + 0.5 * std::cos(n * n * 0.011);
    }
    return signal;
}

std::vector<double> filtered(const std::vector<FilterCoefficients>& sections,
                             std::vector<double> signal) {
    CausalFilter::State state;
    CausalFilter(sections).run(signal, state);
    return signal;
}

struct Answer {
    std::vector<FilterCoefficients> sections;
    double values[4];  // samples 0, 1, 50 and 399
};

TEST(CausalFilter, IsWhatScipyComputes) {
    // scipy 1.x: sos = butter(N, Wn, btype, output='sos', fs=fs);
    // sosfilt(sos, x, zi=sosfilt_zi(sos) * x[0])
    const Answer answers[] = {{butterworth_band_pass_sections(5, 0.67, 40, 130),
                               {0, 0.04052300449649616, -0.03208926071486701, 0.16486789043434458}},
                              {butterworth_band_pass_sections(4, 0.67, 40, 500),
                               {0, 0.0007617809133852825, -0.8503816512768282, 0.7900812661218273}},
                              {butterworth_low_pass_sections(5, 40, 250),
                               {1.3, 1.3032555804354622, -0.21867542494129846, 1.710031401882671}},
                              {butterworth_high_pass_sections(3, 0.67, 250),
                               {0, 0.3555473787283656, -0.649960836528477, -0.1947208659884578}}};
    for (const Answer& answer : answers) {
        const auto output = filtered(answer.sections, signal_of(400));
        const std::size_t at[] = {0, 1, 50, 399};
        for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(output[at[i]], answer.values[i], 1e-9) << i;
    }
}

TEST(CausalFilter, APieceAtATimeGivesTheSameBits) {
    const CausalFilter filter(butterworth_band_pass_sections(5, 0.67, 40, 130));
    const auto whole = filtered(butterworth_band_pass_sections(5, 0.67, 40, 130), signal_of(1000));
    auto pieces = signal_of(1000);
    CausalFilter::State state;
    for (std::size_t at = 0; at < 1000;) {
        const std::size_t count = std::min<std::size_t>(1 + at % 7, 1000 - at);
        filter.run(std::span(pieces).subspan(at, count), state);
        at += count;
    }
    EXPECT_EQ(pieces, whole);
}

TEST(CausalFilter, AConstantDoesNotRing) {
    const std::vector<double> constant(100, 250.0);
    for (const double value :
         filtered(butterworth_band_pass_sections(5, 0.67, 40, 500), constant)) {
        ASSERT_NEAR(value, 0, 1e-6);
    }
    for (const double value : filtered({notch_filter(50, 30, 500)}, constant)) {
        ASSERT_NEAR(value, 250, 1e-9);
    }
}

TEST(CausalFilter, StaysBoundedWhereOneLongSectionWouldNot) {
    // Ten hours of samples at 2000 Hz would take long; the poles' distance from the unit circle is
    // what matters, and an impulse must have died away after some seconds.
    std::vector<double> impulse(60'000);
    impulse[1] = 1;
    const auto answer = filtered(butterworth_band_pass_sections(5, 0.67, 40, 2000), impulse);
    for (std::size_t i = 50'000; i < answer.size(); ++i) ASSERT_LT(std::abs(answer[i]), 1e-9);
}

}  // namespace

}  // namespace clef
