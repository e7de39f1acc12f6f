#include "evaluation/bootstrap.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/threads.hpp"

namespace clef {
namespace {

// Linear between order statistics, as numpy.percentile; `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double fraction) {
    const double position = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double part = position - static_cast<double>(below);
    return sorted[below] + part * (sorted[above] - sorted[below]);
}

bool lost_a_value(std::span<const double> values, std::span<const double> estimates) {
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (std::isnan(values[k]) && !std::isnan(estimates[k])) return true;
    }
    return false;
}

}  // namespace

Groups number_groups(std::span<const std::string> names) {
    Groups result;
    result.of_row.reserve(names.size());
    std::unordered_map<std::string, std::size_t> numbers;
    for (const std::string& name : names) {
        result.of_row.push_back(numbers.try_emplace(name, numbers.size()).first->second);
    }
    result.count = numbers.size();
    return result;
}

std::vector<std::uint32_t> resample_weights(std::span<const std::size_t> group_of_row,
                                            std::size_t groups, std::uint64_t seed,
                                            std::size_t resample, unsigned attempt) {
    Random random(seed, "bootstrap", attempt, resample);
    std::vector<std::uint32_t> drawn(groups, 0);
    for (std::size_t i = 0; i < groups; ++i) ++drawn[random.below(groups)];
    std::vector<std::uint32_t> weights(group_of_row.size());
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = drawn[group_of_row[i]];
    return weights;
}

Bootstrap bootstrap(std::span<const std::string> groups, std::size_t values,
                    const Statistic& statistic, const BootstrapOptions& options) {
    if (groups.empty()) fail_input("there are no rows to resample: the test split is empty");
    const Groups numbered = number_groups(groups);
    Bootstrap result;
    result.estimates.assign(values, std::numeric_limits<double>::quiet_NaN());
    statistic({}, result.estimates);
    result.draws = Matrix(options.resamples, values, std::numeric_limits<double>::quiet_NaN());
    parallel_for(options.resamples, options.threads, [&](std::size_t resample) {
        const auto row = result.draws.row(resample);
        for (unsigned attempt = 0; attempt <= options.redraws; ++attempt) {
            const auto weights =
                resample_weights(numbered.of_row, numbered.count, options.seed, resample, attempt);
            statistic(weights, row);
            if (!lost_a_value(row, result.estimates)) break;
        }
    });
    return result;
}

Interval percentile_interval(std::span<const double> draws, double confidence) {
    Interval result;
    result.resamples = draws.size();
    std::vector<double> scored;
    std::copy_if(draws.begin(), draws.end(), std::back_inserter(scored),
                 [](double value) { return !std::isnan(value); });
    result.unscored = draws.size() - scored.size();
    if (scored.empty()) return result;
    std::sort(scored.begin(), scored.end());
    result.low = quantile(scored, (1 - confidence) / 2);
    result.high = quantile(scored, (1 + confidence) / 2);
    return result;
}

PairedDifference paired_difference(double estimate_a, double estimate_b,
                                   std::span<const double> draws_a, std::span<const double> draws_b,
                                   double confidence) {
    assert(draws_a.size() == draws_b.size());
    std::vector<double> differences(draws_a.size());
    std::size_t at_most_zero = 0;
    std::size_t at_least_zero = 0;
    for (std::size_t r = 0; r < differences.size(); ++r) {
        differences[r] = draws_a[r] - draws_b[r];
        at_most_zero += differences[r] <= 0;  // NaN is neither
        at_least_zero += differences[r] >= 0;
    }
    PairedDifference result;
    result.difference = estimate_a - estimate_b;
    result.interval = percentile_interval(differences, confidence);
    const std::size_t scored = differences.size() - result.interval.unscored;
    if (scored > 0) {
        const double tail = 1.0 + static_cast<double>(std::min(at_most_zero, at_least_zero));
        result.p_value = std::min(1.0, 2 * tail / (static_cast<double>(scored) + 1));
    }
    return result;
}

std::vector<double> holm(std::span<const double> p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<double> adjusted(p_values.size());
    double running = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const double factor = static_cast<double>(order.size() - k);
        running = std::max(running, std::min(1.0, factor * p_values[order[k]]));
        adjusted[order[k]] = running;
    }
    return adjusted;
}

}  // namespace clef
