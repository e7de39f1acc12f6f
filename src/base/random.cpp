#include "base/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace clef {

namespace {

// FNV-1a, 64 bits: only keeps purposes apart, no other quality is asked of it.
std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 0xCBF29CE484222325U;
    for (const char c : text) {
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
    return value;
}

std::uint32_t low(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

std::uint32_t high(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

// The key holds seed and purpose; the counter holds epoch (high word of counter[1] left for the
// block number's overflow is not needed: one stream has 2^32 blocks), sample and block number.
Random::Random(std::uint64_t seed, std::string_view purpose, std::uint64_t epoch,
               std::uint64_t sample) {
    const std::uint64_t mixed = hash(purpose) ^ (seed * 0x9E3779B97F4A7C15U);
    key_ = {low(mixed), high(mixed)};
    counter_ = {0, low(epoch), low(sample), high(sample)};
}

std::uint32_t Random::bits() {
    if (used_ == 4) {
        block_ = philox4x32(counter_, key_);
        ++counter_[0];
        used_ = 0;
    }
    return block_[used_++];
}

void Random::fill(std::span<std::uint32_t> words) {
    while (!words.empty() && used_ < 4) {
        words.front() = block_[used_++];
        words = words.subspan(1);
    }
    const std::size_t blocks = words.size() / 4;
    philox_blocks(counter_, key_, words.first(blocks * 4));
    counter_[0] += static_cast<std::uint32_t>(blocks);
    for (std::uint32_t& word : words.subspan(blocks * 4)) word = bits();
}

double Random::uniform() {
    const std::uint64_t upper = bits() >> 5;
    const std::uint64_t lower = bits() >> 6;
    return static_cast<double>(upper * 67108864U + lower) * 0x1.0p-53;
}

double Random::uniform(double low_value, double high_value) {
    return low_value + (high_value - low_value) * uniform();
}

double Random::normal() {
    if (std::exchange(has_spare_, false)) return spare_;
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
}

std::uint64_t Random::below(std::uint64_t bound) {
    // Rejection of the incomplete last stretch keeps every value equally likely.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    while (true) {
        const std::uint64_t upper = bits();
        const std::uint64_t value = upper << 32 | bits();
        if (value < limit) return value % bound;
    }
}

std::vector<std::size_t> Random::permutation(std::size_t n) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return order;
}

}  // namespace clef
