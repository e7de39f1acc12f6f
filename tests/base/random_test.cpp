#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "base/instruction_sets.hpp"

namespace clef {

using Block = std::array<std::uint32_t, 4>;

// Random123's known answers for philox4x32 with 10 rounds (its file kat_vectors).
TEST(Philox, KnownAnswers) {
    constexpr std::uint32_t ones = 0xFFFFFFFFU;
    EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
              (Block{0x6627E8D5U, 0xE169C58DU, 0xBC57AC4CU, 0x9B00DBD8U}));
    EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
              (Block{0x408F276DU, 0x41C83B0EU, 0xA20BC7C6U, 0x6D5451FDU}));
    EXPECT_EQ(philox4x32({0x243F6A88U, 0x85A308D3U, 0x13198A2EU, 0x03707344U},
                         {0xA4093822U, 0x299F31D0U}),
              (Block{0xD16CFE09U, 0x94FDCCEBU, 0x5001E420U, 0x24126EA1U}));
}

namespace {

std::vector<std::uint32_t> draws(Random random, int count) {
    std::vector<std::uint32_t> values;
    for (int i = 0; i < count; ++i) values.push_back(random.bits());
    return values;
}

}  // namespace

TEST(Random, AStreamDependsOnItsKeyAndNotOnWhatWasDrawnBefore) {
    const auto expected = draws(Random(7, "views", 3, 11), 10);
    draws(Random(7, "views", 3, 10), 1000);
    EXPECT_EQ(draws(Random(7, "views", 3, 11), 10), expected);
}

TEST(Random, EveryPartOfTheKeyMakesAnotherStream) {
    const std::uint64_t high = std::uint64_t{1} << 32;
    const std::vector<std::vector<std::uint32_t>> streams = {
        draws(Random(7, "views", 3, 11), 8),        draws(Random(8, "views", 3, 11), 8),
        draws(Random(7, "weights", 3, 11), 8),      draws(Random(7, "views", 4, 11), 8),
        draws(Random(7, "views", 3, 12), 8),        draws(Random(7 + high, "views", 3, 11), 8),
        draws(Random(7, "views", 3, 11 + high), 8), draws(Random(0, "views", 3, 11), 8)};
    for (std::size_t a = 0; a < streams.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) EXPECT_NE(streams[a], streams[b]) << a << " " << b;
    }
}

TEST(Random, FilledWordsAreThoseOfSingleCallsOnEveryInstructionSet) {
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        for (const std::size_t before : {0, 1, 3, 4}) {
            Random at_once(3, "words", 7, (std::uint64_t{5} << 32) + before);
            Random one_by_one = at_once;
            for (std::size_t i = 0; i < before; ++i) EXPECT_EQ(at_once.bits(), one_by_one.bits());
            for (const std::size_t count : {0, 1, 5, 63, 64, 65, 1000}) {
                std::vector<std::uint32_t> words(count);
                at_once.fill(words);
                for (std::size_t i = 0; i < count; ++i) {
                    ASSERT_EQ(words[i], one_by_one.bits()) << set << " " << before << " " << i;
                }
            }
        }
    }
    use_instruction_set("");
}

// Block numbers wrap around at 2^32.
TEST(Philox, ManyBlocksAreSingleOnesOnEveryInstructionSet) {
    constexpr std::array<std::uint32_t, 2> key = {0xA4093822U, 0x299F31D0U};
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        std::vector<std::uint32_t> words(4 * 77);
        philox_blocks({0xFFFFFFE0U, 1, 2, 0xFFFFFFFFU}, key, words);
        for (std::uint32_t i = 0; i < 77; ++i) {
            const auto block = philox4x32({0xFFFFFFE0U + i, 1, 2, 0xFFFFFFFFU}, key);
            for (std::size_t j = 0; j < 4; ++j) ASSERT_EQ(words[4 * i + j], block[j]) << set << i;
        }
    }
    use_instruction_set("");
}

TEST(Random, UniformHasTheMomentsAndRangeOfTheUniformDistribution) {
    Random random(1, "test uniform");
    constexpr int n = 200'000;
    double sum = 0;
    double squares = 0;
    double lowest = 1;
    double highest = 0;
    for (int i = 0; i < n; ++i) {
        const double x = random.uniform();
        sum += x;
        squares += (x - 0.5) * (x - 0.5);
        lowest = std::min(lowest, x);
        highest = std::max(highest, x);
    }
    // Five standard errors: 5 · √(1/12 ÷ n) for the mean, 5 · √(1/180 ÷ n) for the variance.
    EXPECT_NEAR(sum / n, 0.5, 0.0033);
    EXPECT_NEAR(squares / n, 1.0 / 12, 0.00084);
    EXPECT_GE(lowest, 0);
    EXPECT_LT(highest, 1);
    EXPECT_LT(lowest, 1e-3);
    EXPECT_GT(highest, 1 - 1e-3);
}

TEST(Random, UniformBetweenBoundsStaysThere) {
    Random random(1, "test bounds");
    for (int i = 0; i < 1000; ++i) {
        const double x = random.uniform(-3, 5);
        EXPECT_GE(x, -3);
        EXPECT_LT(x, 5);
    }
}

TEST(Random, NormalHasTheMomentsOfTheNormalDistribution) {
    Random random(2, "test normal");
    constexpr int n = 200'000;
    double sums[5] = {};
    double neighbours = 0;
    double last = 0;
    for (int i = 0; i < n; ++i) {
        const double x = random.normal();
        for (int power = 1; power <= 4; ++power) sums[power] += std::pow(x, power);
        neighbours += x * last;
        last = x;
    }
    // Five standard errors: √(1, 2, 15, 96 ÷ n); pairs come out of one draw and must not correlate.
    EXPECT_NEAR(sums[1] / n, 0, 0.0112);
    EXPECT_NEAR(sums[2] / n, 1, 0.0159);
    EXPECT_NEAR(sums[3] / n, 0, 0.0434);
    EXPECT_NEAR(sums[4] / n, 3, 0.1096);
    EXPECT_NEAR(neighbours / n, 0, 0.0112);
}

TEST(Random, BelowIsUnbiased) {
    Random random(3, "test below");
    constexpr int n = 70'000;
    std::vector<int> counts(7);
    for (int i = 0; i < n; ++i) ++counts[random.below(7)];
    // Five standard deviations of a binomial count: 5 · √(n · 1/7 · 6/7).
    for (const int count : counts) EXPECT_NEAR(count, n / 7, 463);
}

TEST(Random, BelowRejectsTheIncompleteStretchOfALargeBound) {
    // Two thirds of 2^64: without rejection the lower half would come up twice as often.
    const std::uint64_t bound = UINT64_MAX / 3 * 2;
    Random random(4, "test large bound");
    constexpr int n = 20'000;
    int lower = 0;
    for (int i = 0; i < n; ++i) {
        const std::uint64_t value = random.below(bound);
        ASSERT_LT(value, bound);
        lower += value < bound / 2 ? 1 : 0;
    }
    EXPECT_NEAR(lower, n / 2, 354);
    EXPECT_EQ(Random(5, "test one").below(1), 0u);
}

TEST(Random, ChanceIsCertainAtItsEnds) {
    Random random(6, "test chance");
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(random.chance(0));
        EXPECT_TRUE(random.chance(1));
    }
}

TEST(Random, PermutationHoldsEveryNumberOnceAndPutsItAnywhere) {
    Random random(7, "test permutation");
    std::vector<int> first(4);
    for (int i = 0; i < 8000; ++i) {
        auto order = random.permutation(4);
        ++first[order[0]];
        std::sort(order.begin(), order.end());
        ASSERT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
    }
    for (const int count : first) EXPECT_NEAR(count, 2000, 194);
    EXPECT_TRUE(random.permutation(0).empty());
}

}  // namespace clef
