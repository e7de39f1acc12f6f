// Scratch memory and weights of the convolutions that lay channels side by side (row_layer.hpp):
// one row per instant, its channels behind each other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

namespace clef::rows {

constexpr std::size_t cache_line = 64;

// Memory on cache lines; large arrays on huge pages where the system gives them, so that streaming
// through weights does not wait for address translation.
void* allocate_lines(std::size_t bytes);
void free_lines(void* memory, std::size_t bytes) noexcept;

template <typename T>
struct LineAllocator {
    using value_type = T;
    LineAllocator() = default;
    template <typename U>
    LineAllocator(const LineAllocator<U>&) {}
    T* allocate(std::size_t count) { return static_cast<T*>(allocate_lines(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t count) noexcept {
        free_lines(memory, count * sizeof(T));
    }
    bool operator==(const LineAllocator&) const { return true; }
};

template <typename T>
using Lines = std::vector<T, LineAllocator<T>>;

// `instants` rows of `channels` elements (float, bfloat16's bits or bytes), zero rows before and
// behind them where asked for. Grows and never shrinks. Kernels may read up to two lines behind any
// row's end: what they find there is never part of a result.
template <typename T>
struct Rows {
    std::size_t instants = 0;
    std::size_t channels = 0;
    std::size_t stride = 0;  // elements from row to row
    std::size_t before = 0;
    Lines<T> values;

    // An odd number of lines from row to row: an even one would put the same channels of many
    // instants into a few sets of the first cache. `dense`: no space between rows.
    void resize(std::size_t instant_count, std::size_t channel_count, std::size_t zeros_before = 0,
                std::size_t zeros_behind = 0, bool dense = false) {
        constexpr std::size_t line = cache_line / sizeof(T);
        instants = instant_count;
        channels = channel_count;
        before = zeros_before;
        stride = dense ? channels : ((channels + line - 1) / line | 1) * line;
        const std::size_t size = (before + instants + zeros_behind) * stride + 2 * line;
        if (values.size() < size) values.resize(size);
        std::fill_n(values.data(), before * stride, T{});
        std::fill_n(row(instants), zeros_behind * stride, T{});
        if (channels % 4 == 0 || dense) return;
        // A layer takes the inputs of bfloat16 by twos: the one behind the last must be a number.
        for (std::size_t t = 0; t < instants; ++t) std::fill_n(row(t) + channels, 4, T{});
    }
    T* row(std::size_t instant) { return values.data() + (before + instant) * stride; }
    const T* row(std::size_t instant) const { return values.data() + (before + instant) * stride; }
};

}  // namespace clef::rows
