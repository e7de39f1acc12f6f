#include "base/ordered.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

#include "base/random.hpp"

namespace clef {

namespace {

// Takes a while that differs from index to index, so that results come out of order.
std::size_t dawdle(std::size_t i) {
    volatile std::size_t sum = 0;
    const std::size_t turns = Random(1, "dawdle", 0, i).bits() % 20000;
    for (std::size_t k = 0; k < turns; ++k) sum = sum + k;
    return i;
}

}  // namespace

TEST(OrderedParallelFor, TakesEveryResultOnceAndInOrder) {
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        for (const std::size_t waiting : {std::size_t{0}, std::size_t{3}, std::size_t{1000}}) {
            std::vector<std::size_t> taken;
            ordered_parallel_for<std::size_t>(300, threads, waiting, dawdle,
                                              [&](std::size_t i) { taken.push_back(i); });
            ASSERT_EQ(taken.size(), 300U);
            for (std::size_t i = 0; i < taken.size(); ++i) ASSERT_EQ(taken[i], i);
        }
    }
    ordered_parallel_for<int>(
        0, 4, 2, [](std::size_t) { return 1; }, [](int) { ADD_FAILURE(); });
}

TEST(OrderedParallelFor, NeverHasMoreBegunThanMayWait) {
    std::atomic<int> open{0};
    std::atomic<int> most{0};
    ordered_parallel_for<std::size_t>(
        400, 6, 4,
        [&](std::size_t i) {
            const int now = ++open;
            int before = most;
            while (now > before && !most.compare_exchange_weak(before, now)) {
            }
            return dawdle(i);
        },
        [&](std::size_t) { --open; });
    EXPECT_LE(most, 5);  // the one being taken has left the waiting room
    EXPECT_GE(most, 1);
}

TEST(OrderedParallelFor, AFailureEndsItBehindEverythingBeforeIt) {
    for (const unsigned threads : {1U, 2U, 6U}) {
        std::vector<std::size_t> taken;
        const auto work = [](std::size_t i) {
            dawdle(i);
            if (i == 57 || i == 58 || i == 60) throw std::runtime_error(std::to_string(i));
            return i;
        };
        try {
            ordered_parallel_for<std::size_t>(200, threads, 16, work,
                                              [&](std::size_t i) { taken.push_back(i); });
            FAIL() << "nothing was thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "57");
        }
        EXPECT_EQ(taken.size(), 57U) << threads;
    }
}

TEST(OrderedParallelFor, AFailureOfTakingEndsItToo) {
    for (const unsigned threads : {1U, 5U}) {
        std::size_t taken = 0;
        EXPECT_THROW(ordered_parallel_for<std::size_t>(100, threads, 8, dawdle,
                                                       [&](std::size_t i) {
                                                           if (i == 20)
                                                               throw std::runtime_error("full");
                                                           ++taken;
                                                       }),
                     std::runtime_error);
        EXPECT_EQ(taken, 20U);
    }
}

}  // namespace clef
