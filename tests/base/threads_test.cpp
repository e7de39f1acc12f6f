#include "base/threads.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace clef {

TEST(ParallelFor, CallsEveryIndexOnce) {
    for (const unsigned threads : {0U, 1U, 2U, 7U, 64U}) {
        std::vector<std::atomic<int>> calls(1001);
        parallel_for(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
        for (const auto& count : calls) ASSERT_EQ(count, 1) << threads;
    }
    parallel_for(0, 4, [](std::size_t) { ADD_FAILURE() << "called for nothing"; });
}

TEST(ParallelFor, ResultsDoNotDependOnTheNumberOfThreads) {
    const auto compute = [](unsigned threads) {
        std::vector<double> values(500);
        parallel_for(values.size(), threads,
                     [&](std::size_t i) { values[i] = Random(1, "test", 0, i).normal(); });
        return values;
    };
    const auto expected = compute(1);
    for (const unsigned threads : {2U, 3U, 16U}) EXPECT_EQ(compute(threads), expected);
}

TEST(ParallelFor, HandsOnTheFailureOfTheLowestIndexWhateverEndsFirst) {
    for (const unsigned threads : {1U, 2U, 8U}) {
        std::atomic<bool> second_failed = false;
        try {
            parallel_for(100, threads, [&](std::size_t i) {
                if (i == 4) {
                    second_failed = true;
                    throw InputError("index 4");
                }
                if (i != 3) return;
                // On several threads index 4 fails first; the answer must be the same.
                for (int turn = 0; threads > 1 && !second_failed && turn < 1'000'000; ++turn) {
                    std::this_thread::yield();
                }
                throw InputError("index 3");
            });
            ADD_FAILURE() << "nothing thrown";
        } catch (const InputError& error) {
            EXPECT_EQ(std::string(error.what()), "index 3") << threads;
        }
    }
}

TEST(ParallelFor, StopsEarlyAfterAFailure) {
    std::atomic<std::size_t> calls = 0;
    EXPECT_THROW(parallel_for(1'000'000, 4,
                              [&](std::size_t i) {
                                  ++calls;
                                  if (i == 10) throw InputError("stop");
                              }),
                 InputError);
    EXPECT_LT(calls, 1'000'000U);
}

TEST(AvailableThreads, IsAtLeastOneAndNeverMoreThanTheMachineHas) {
    EXPECT_GE(available_threads(), 1U);
    EXPECT_LE(available_threads(), std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace clef
