// One class against the rest on the test rows, so prepared that a bootstrap resample costs one
// pass; used by scorers.cpp alone.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "evaluation/metrics.hpp"
#include "evaluation/ranking.hpp"

namespace clef {

struct ClassTest {
    std::vector<double> probabilities;
    std::vector<Label> labels;
    std::vector<std::uint8_t> cells;  // 4 · calibration bin + 2 · label + predicted
    RankedScores ranked{{}, {}};
    std::size_t positives = 0;
    std::size_t validation_positives = 0;
    std::optional<double> threshold;

    // Fills the cells; `predicted` is parallel to the rows.
    void set_outcomes(const std::vector<bool>& predicted);

    // Everything that counts rows, in one pass over the cells.
    struct Counts {
        Confusion outcomes;
        double calibration_error = std::numeric_limits<double>::quiet_NaN();  // curves.hpp
    };
    Counts count(Weights weights) const;
};

}  // namespace clef
