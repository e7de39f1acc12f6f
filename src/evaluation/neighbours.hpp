// Nearest neighbours by cosine similarity, and how often they are of the same class. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/matrix.hpp"
#include "evaluation/ranking.hpp"

namespace clef {

struct Neighbours {
    std::vector<std::uint32_t> queries;
    std::size_t depth = 0;
    std::vector<std::uint32_t> lists;  // queries × depth, nearest first; of equals the first row

    std::span<const std::uint32_t> of(std::size_t query) const {
        return std::span(lists).subspan(query * depth, depth);
    }
};

// The `depth` nearest rows (itself aside) of each query. Rows have length one.
Neighbours nearest_neighbours(const FloatMatrix& unit_rows, std::span<const std::uint32_t> queries,
                              std::size_t depth, unsigned threads = 0);

struct Purity {
    double purity = 0;  // mean share of the k nearest that are of the query's class
    double chance = 0;  // what k rows drawn at random would give
};

// Rows count as often as `weights` says (a bootstrap resample; empty: once): a row drawn twice is
// two neighbours, and no copy of the query is a neighbour of its own. Lists that end before k are
// found count with what they have; ask nearest_neighbours for several times k.
Purity neighbour_purity(const Neighbours& neighbours, std::span<const int> classes, std::size_t k,
                        Weights weights = {});

}  // namespace clef
