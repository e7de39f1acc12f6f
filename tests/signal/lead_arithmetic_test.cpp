// Against plain loops in long double, on every instruction set; all of them give the same bits.
#include "signal/lead_arithmetic.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/instruction_sets.hpp"
#include "base/normals.hpp"

namespace clef {
namespace {

constexpr std::size_t lengths[] = {1, 2, 7, 8, 9, 63, 64, 65, 5000};

std::vector<double> normals(std::size_t count, std::uint64_t sample) {
    Random random(5, "lead arithmetic", 0, sample);
    std::vector<double> values(count);
    fill_normals(random, values);
    return values;
}

std::vector<float> lead_of(std::size_t count) {
    std::vector<float> lead;
    for (const double value : normals(count, 0)) lead.push_back(static_cast<float>(3 + value));
    return lead;
}

class EveryInstructionSet : public ::testing::Test {
  protected:
    // check(set, values): what the first set gives, the others give too.
    template <typename Values, typename Make>
    void same_on_all(const Make& make) {
        std::vector<Values> found;
        for (const char* set : instruction_sets()) {
            use_instruction_set(set);
            found.push_back(make());
            EXPECT_EQ(found.back(), found.front()) << set;
        }
        use_instruction_set("");
    }
};

TEST_F(EveryInstructionSet, MomentsAreThoseOfAPlainLoop) {
    for (const std::size_t length : lengths) {
        const std::vector<float> lead = lead_of(length);
        long double mean = 0;
        long double squares = 0;
        for (const float sample : lead) mean += sample;
        mean /= static_cast<long double>(length);
        for (const float sample : lead) squares += (sample - mean) * (sample - mean);
        const auto deviation =
            static_cast<double>(std::sqrt(squares / static_cast<long double>(length)));
        same_on_all<std::vector<double>>([&] {
            const Moments moments = moments_of(lead);
            EXPECT_NEAR(moments.mean, static_cast<double>(mean), 1e-14) << length;
            EXPECT_NEAR(moments.deviation, deviation, 1e-14) << length;
            return std::vector{moments.mean, moments.deviation};
        });
    }
    EXPECT_EQ(moments_of({}).deviation, 0);
}

TEST_F(EveryInstructionSet, ScalingAndAddingRoundOnce) {
    for (const std::size_t length : lengths) {
        const std::vector<float> lead = lead_of(length);
        const std::vector<double> other = normals(length, 1);
        same_on_all<std::vector<float>>([&] {
            std::vector<float> scaled = lead;
            centre_and_scale(scaled, 2.75, 0.3);
            std::vector<float> summed = lead;
            add_scaled(summed, other, 0.7);
            for (std::size_t i = 0; i < length; ++i) {
                EXPECT_EQ(scaled[i], static_cast<float>((lead[i] - 2.75) * 0.3)) << i;
                EXPECT_EQ(summed[i], lead[i] + static_cast<float>(other[i] * 0.7)) << i;
            }
            scaled.insert(scaled.end(), summed.begin(), summed.end());
            return scaled;
        });
    }
}

TEST_F(EveryInstructionSet, SinesAreThoseOfTheLibrary) {
    for (const std::size_t length : lengths) {
        const std::vector<double> before = normals(length, 2);
        same_on_all<std::vector<double>>([&] {
            std::vector<double> values = before;
            add_sine(values, 1.5, 0.628, 2.5);
            for (std::size_t i = 0; i < length; ++i) {
                const double expected = 1.5 * std::sin(2.5 + 0.628 * static_cast<double>(i));
                EXPECT_NEAR(values[i] - before[i], expected, 4e-12) << i;
            }
            return values;
        });
    }
}

}  // namespace
}  // namespace clef
