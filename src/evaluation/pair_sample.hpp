// Pairs of different patients of the same stratum: all of them, or, where there are too many, a
// sample drawn without repetition. The draw depends on the strata and the seed alone, so that two
// models measured on the same patients see the same pairs. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace clef {

struct PatientPairs {
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> second;
    std::vector<std::uint32_t> stratum;
    std::uint64_t possible = 0;  // pairs there are; as many as there are in `first` unless sampled

    std::size_t size() const { return first.size(); }
    bool sampled() const { return possible > first.size(); }
};

// strata: a number per patient; below 0: in no pair. most: at most so many pairs; 0: all.
PatientPairs patient_pairs(std::span<const std::int64_t> strata, std::size_t most,
                           std::uint64_t seed);

}  // namespace clef
