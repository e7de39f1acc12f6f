// Counter-based random numbers: a draw depends only on its key, never on what was drawn before, so
// results are the same for any number of threads and from wherever a run is taken up again.
//
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
// 2011).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clef {

// What a stream is for; a fixed text, hashed into the key, keeps streams apart.
// Not thread-safe: each thread makes its own with its own key.
class Random {
  public:
    Random(std::uint64_t seed, std::string_view purpose, std::uint64_t epoch = 0,
           std::uint64_t sample = 0);

    std::uint32_t bits();
    // What so many calls of bits() give, in a small part of the time.
    void fill(std::span<std::uint32_t> words);
    double uniform();                         // [0, 1), 53 bits
    double uniform(double low, double high);  // [low, high)
    double normal();                          // mean 0, standard deviation 1 (Box–Muller)
    double normal(double mean, double deviation) { return mean + deviation * normal(); }
    std::uint64_t below(std::uint64_t bound);  // 0 … bound − 1, unbiased; bound > 0
    bool chance(double probability) { return uniform() < probability; }

    // A random order of 0 … n − 1 (Fisher–Yates).
    std::vector<std::size_t> permutation(std::size_t n);

  private:
    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 4> counter_;
    std::array<std::uint32_t, 4> block_{};
    unsigned used_ = 4;
    bool has_spare_ = false;
    double spare_ = 0;
};

// One block of the generator: exposed for the known-answer test.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// words.size() / 4 blocks, whose counters' first words follow one another.
void philox_blocks(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key,
                   std::span<std::uint32_t> words);

}  // namespace clef
