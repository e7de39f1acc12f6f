// Work done in parallel whose results are taken in order, with bounded memory: for pipelines that
// write as they go.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/threads.hpp"

namespace clef {

template <typename Result, typename Work, typename Take>
class OrderedPipeline {
  public:
    OrderedPipeline(std::size_t count, std::size_t most_waiting, const Work& work, const Take& take)
        : end_(count), slots_(most_waiting), work_(work), take_(take) {}

    void run(unsigned threads) {
        {
            std::vector<std::jthread> pool;
            for (unsigned t = 1; t < threads; ++t) pool.emplace_back([this] { serve(); });
            serve();
        }
        if (error_) std::rethrow_exception(error_);
    }

  private:
    void serve() {
        std::unique_lock lock(mutex_);
        while (true) {
            room_.wait(lock, [&] { return next_ >= end_ || next_ < taken_ + slots_.size(); });
            if (next_ >= end_) return;
            const std::size_t i = next_++;
            lock.unlock();
            std::optional<Result> result;
            std::exception_ptr error;
            try {
                result.emplace(work_(i));
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            if (error) {
                fail(i, error);
            } else {
                slots_[i % slots_.size()] = std::move(result);
                hand_over(lock);
            }
        }
    }

    // Takes what is complete at the front, unless another thread is doing so: it will see ours.
    void hand_over(std::unique_lock<std::mutex>& lock) {
        if (taking_) return;
        taking_ = true;
        while (taken_ < end_ && slots_[taken_ % slots_.size()]) {
            std::optional<Result> result;
            result.swap(slots_[taken_ % slots_.size()]);
            lock.unlock();
            std::exception_ptr error;
            try {
                take_(std::move(*result));
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            if (error) {
                fail(taken_, error);
                break;
            }
            ++taken_;
            room_.notify_all();
        }
        taking_ = false;
    }

    // Indices are handed out in order: every lower one has begun, and may still fail itself.
    void fail(std::size_t i, std::exception_ptr error) {
        if (i < end_) {
            end_ = i;
            error_ = std::move(error);
        }
        room_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable room_;
    std::size_t next_ = 0;
    std::size_t taken_ = 0;
    std::size_t end_;  // the first that is not wanted: the count, or the one that failed
    bool taking_ = false;
    std::vector<std::optional<Result>> slots_;
    std::exception_ptr error_;
    const Work& work_;
    const Take& take_;
};

// take(work(0)), take(work(1)), … take(work(count − 1)): the works on up to `threads` threads (0:
// all available), the takes in order and one at a time, on any of them. No more than
// `most_waiting` results (at least 1) are begun and not yet taken.
// An exception stops it: everything before the lowest index that failed is taken, and that index's
// exception is rethrown here, for any number of threads.
template <typename Result, typename Work, typename Take>
void ordered_parallel_for(std::size_t count, unsigned threads, std::size_t most_waiting,
                          const Work& work, const Take& take) {
    if (threads == 0) threads = available_threads();
    if (most_waiting == 0) most_waiting = 1;
    OrderedPipeline<Result, Work, Take>(count, most_waiting, work, take).run(threads);
}

}  // namespace clef
