// Bootstrap intervals over patients, paired comparisons, and correction for several comparisons.
//
// A resample draws as many patients as there are, with replacement; all rows of a drawn patient
// come with it, so rows of one patient are never treated as independent. The draw of resample r
// depends on (seed, r) and the patients alone: two models scored on the same rows meet the same
// resamples, which is what makes their comparison paired, and the number of threads changes
// nothing.
//
// Percentile intervals: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
// p-values: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 4.2.
// Holm: "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/matrix.hpp"
#include "evaluation/ranking.hpp"

namespace clef {

struct BootstrapOptions {
    std::size_t resamples = 1000;
    std::uint64_t seed = 0;
    unsigned threads = 0;  // 0: all available
    // How often a resample may be drawn again when a value is undefined on it that is defined on
    // all rows (AbsentClass::redraw); 0: it counts as not scored.
    unsigned redraws = 0;
};

// Computes all values of one weighting of the rows; NaN where a value is undefined. Called from
// several threads at once.
using Statistic = std::function<void(Weights weights, std::span<double> values)>;

struct Bootstrap {
    std::vector<double> estimates;  // on all rows; NaN where undefined
    Matrix draws;                   // resamples × values; NaN where it could not be scored
};

// `groups` names the patient of each row. Nothing to resample (no rows) is an InputError.
Bootstrap bootstrap(std::span<const std::string> groups, std::size_t values,
                    const Statistic& statistic, const BootstrapOptions& options = {});

// How often each row counts in one resample; `attempt` > 0 draws it again.
std::vector<std::uint32_t> resample_weights(std::span<const std::size_t> group_of_row,
                                            std::size_t groups, std::uint64_t seed,
                                            std::size_t resample, unsigned attempt = 0);

// Patients numbered by first appearance.
struct Groups {
    std::vector<std::size_t> of_row;
    std::size_t count = 0;
};
Groups number_groups(std::span<const std::string> names);

struct Interval {
    std::optional<double> low;  // nothing where no resample could be scored
    std::optional<double> high;
    std::size_t resamples = 0;
    std::size_t unscored = 0;  // resamples left out because the value was undefined on them
};
Interval percentile_interval(std::span<const double> draws, double confidence = 0.95);

// a − b over the same resamples.
struct PairedDifference {
    double difference = 0;
    Interval interval;
    // Two-sided: 2 (1 + the smaller of #{d ≤ 0} and #{d ≥ 0}) / (resamples + 1), at most 1. Nothing
    // where no resample could be scored.
    std::optional<double> p_value;
};
PairedDifference paired_difference(double estimate_a, double estimate_b,
                                   std::span<const double> draws_a, std::span<const double> draws_b,
                                   double confidence = 0.95);

// p-values adjusted for their number (Holm's step-down), in the order given.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace clef
