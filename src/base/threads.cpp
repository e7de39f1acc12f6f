#include "base/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <sched.h>
#include <thread>
#include <vector>

namespace clef {

unsigned available_threads() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
    }
    return std::max(1U, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& work) {
    if (threads == 0) threads = available_threads();
    threads = static_cast<unsigned>(std::min<std::size_t>(threads, count));
    if (threads <= 1) {
        for (std::size_t i = 0; i < count; ++i) work(i);
        return;
    }
    std::atomic<std::size_t> next{0};
    std::exception_ptr first_error;
    std::size_t first_failed = count;
    std::mutex error_mutex;
    const auto run = [&] {
        while (true) {
            const std::size_t i = next++;
            if (i >= count) return;
            try {
                work(i);
            } catch (...) {
                const std::lock_guard lock(error_mutex);
                // Indices are handed out in order, so every lower one has begun and will report
                // too.
                if (i < first_failed) {
                    first_failed = i;
                    first_error = std::current_exception();
                }
                next = count;
            }
        }
    };
    {
        std::vector<std::jthread> pool;
        for (unsigned t = 1; t < threads; ++t) pool.emplace_back(run);
        run();
    }
    if (first_error) std::rethrow_exception(first_error);
}

}  // namespace clef
