#include "base/isolated.hpp"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/error.hpp"
#include "base/threads.hpp"

namespace clef {

namespace {

std::string run(const std::function<void(IsolatedOutput&)>& work, IsolationLimits limits = {}) {
    std::string received;
    run_isolated("x.mat", limits, work, [&](std::span<const std::byte> bytes) {
        received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return received;
}

std::string failure(const std::function<void(IsolatedOutput&)>& work, IsolationLimits limits = {}) {
    try {
        run(work, limits);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no InputError";
}

// qemu-user, which runs the tests of other processors, takes a limit and does not keep it;
// AddressSanitizer needs terabytes of addresses for itself.
bool memory_limits_are_kept() {
#ifdef __SANITIZE_ADDRESS__
    return false;
#endif
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit limit{std::size_t{1} << 26, std::size_t{1} << 26};
        ::setrlimit(RLIMIT_AS, &limit);
        const void* memory = ::mmap(nullptr, std::size_t{1} << 28, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ::_exit(memory == MAP_FAILED ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    return status == 0;
}

}  // namespace

TEST(Isolated, WhatTheChildWritesArrivesWhole) {
    std::string text(1000000, 'x');
    text += "end";
    EXPECT_EQ(run([&](IsolatedOutput& output) { output.write(text); }), text);
    EXPECT_EQ(run([](IsolatedOutput&) {}), "");
}

TEST(Isolated, WhatTheChildChangesStaysThere) {
    int value = 1;
    run([&](IsolatedOutput&) { value = 2; });
    EXPECT_EQ(value, 1);
}

TEST(Isolated, AnInputErrorIsThrownAgain) {
    EXPECT_EQ(failure([](IsolatedOutput&) { fail_input("x.mat: no such variable"); }),
              "x.mat: no such variable");
}

TEST(Isolated, ACrashIsAnErrorThatNamesTheFile) {
    const std::string message = failure([](IsolatedOutput&) { std::raise(SIGKILL); });
    EXPECT_EQ(message,
              "x.mat: cannot be read: the reader crashed (signal 9); is the file damaged?");
}

TEST(Isolated, EndlessLoopsAndWaitsEnd) {
    IsolationLimits limits;
    limits.seconds = 1;
    volatile bool forever = true;
    EXPECT_NE(failure(
                  [&](IsolatedOutput&) {
                      while (forever) {
                      }
                  },
                  limits)
                  .find("took too long"),
              std::string::npos);
}

TEST(Isolated, MemoryIsLimited) {
    IsolationLimits limits;
    limits.memory_bytes = std::uint64_t{1} << 26;
    const auto greedy = [](IsolatedOutput& output) {
        std::vector<char> memory(std::size_t{1} << 28, 'x');
        output.write(memory.data(), 1);
    };
    if (!memory_limits_are_kept()) GTEST_SKIP() << "SKIPPED: nothing limits memory here";
    EXPECT_NE(failure(greedy, limits).find("more memory"), std::string::npos);
}

TEST(Isolated, ManyAtOnce) {
    std::vector<std::string> results(16);
    parallel_for(results.size(), 4, [&](std::size_t i) {
        results[i] = run([&](IsolatedOutput& output) { output.write(std::to_string(i)); });
    });
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], std::to_string(i));
}

}  // namespace clef
