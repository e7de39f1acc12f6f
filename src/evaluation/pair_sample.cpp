#include "evaluation/pair_sample.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "base/random.hpp"

namespace clef {

namespace {

struct Stratum {
    std::vector<std::uint32_t> patients;
    std::uint64_t end = 0;  // of its pairs' numbers; the previous stratum's end is its begin

    std::uint64_t pairs() const {
        const std::uint64_t n = patients.size();
        return n * (n - 1) / 2;
    }
};

std::vector<Stratum> strata_of(std::span<const std::int64_t> strata) {
    std::map<std::int64_t, Stratum> by_number;
    for (std::size_t i = 0; i < strata.size(); ++i) {
        if (strata[i] < 0) continue;
        by_number[strata[i]].patients.push_back(static_cast<std::uint32_t>(i));
    }
    std::vector<Stratum> result;
    std::uint64_t end = 0;
    for (auto& [number, stratum] : by_number) {
        if (stratum.patients.size() < 2) continue;
        end += stratum.pairs();
        stratum.end = end;
        result.push_back(std::move(stratum));
    }
    return result;
}

// Pair k of 0 … n(n−1)/2 − 1 in the order (1, 0), (2, 0), (2, 1), (3, 0), …
std::pair<std::uint64_t, std::uint64_t> pair_of(std::uint64_t k) {
    auto row = static_cast<std::uint64_t>((1 + std::sqrt(1 + 8 * static_cast<double>(k))) / 2);
    while (row * (row - 1) / 2 > k) --row;  // what the square root rounded
    while (row * (row + 1) / 2 <= k) ++row;
    return {row, k - row * (row - 1) / 2};
}

std::vector<std::uint64_t> chosen_pairs(std::uint64_t possible, std::size_t most,
                                        std::uint64_t seed) {
    std::vector<std::uint64_t> chosen;
    if (most == 0 || possible <= most) {
        chosen.resize(possible);
        for (std::uint64_t k = 0; k < possible; ++k) chosen[k] = k;
        return chosen;
    }
    // Of few more pairs than are wanted it is quicker to draw those to leave out.
    const bool inverse = most > possible / 2;
    const std::uint64_t wanted = inverse ? possible - most : most;
    Random random(seed, "pairs of patients");
    std::unordered_set<std::uint64_t> drawn;
    while (drawn.size() < wanted) drawn.insert(random.below(possible));
    if (!inverse) {
        chosen.assign(drawn.begin(), drawn.end());
        std::sort(chosen.begin(), chosen.end());
        return chosen;
    }
    for (std::uint64_t k = 0; k < possible; ++k) {
        if (!drawn.contains(k)) chosen.push_back(k);
    }
    return chosen;
}

}  // namespace

PatientPairs patient_pairs(std::span<const std::int64_t> strata, std::size_t most,
                           std::uint64_t seed) {
    const std::vector<Stratum> groups = strata_of(strata);
    PatientPairs pairs;
    pairs.possible = groups.empty() ? 0 : groups.back().end;
    std::size_t group = 0;
    for (const std::uint64_t number : chosen_pairs(pairs.possible, most, seed)) {
        while (number >= groups[group].end) ++group;
        const Stratum& stratum = groups[group];
        const auto [a, b] = pair_of(number - (stratum.end - stratum.pairs()));
        pairs.first.push_back(stratum.patients[a]);
        pairs.second.push_back(stratum.patients[b]);
        pairs.stratum.push_back(static_cast<std::uint32_t>(group));
    }
    return pairs;
}

}  // namespace clef
