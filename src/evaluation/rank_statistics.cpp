#include "evaluation/rank_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/error.hpp"

namespace clef {
namespace {

// Ranks within one task, 1 for the highest; adds Σ (t³ − t) of its groups of ties.
std::vector<double> ranks_of(std::span<const double> scores, double& ties) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    std::vector<double> ranks(scores.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first;
        while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
        const auto size = static_cast<double>(last - first);
        for (std::size_t i = first; i < last; ++i) {
            ranks[order[i]] = (static_cast<double>(first + last) + 1) / 2;
        }
        ties += size * size * size - size;
        first = last;
    }
    return ranks;
}

double normal_density(double x) {
    return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}
double normal_share(double x) {
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

// P(range of k standard normal numbers ≤ q) = k ∫ φ(z) (Φ(z) − Φ(z − q))^(k − 1) dz, by the
// trapezium rule, which is exact to rounding for such an integrand.
double range_share(std::size_t k, double q) {
    constexpr double step = 1.0 / 64;
    const auto steps = static_cast<int>((18 + q) / step);
    double sum = 0;
    for (int i = 0; i <= steps; ++i) {
        const double z = -9 + i * step;
        sum += normal_density(z) *
               std::pow(normal_share(z) - normal_share(z - q), static_cast<double>(k - 1));
    }
    return static_cast<double>(k) * sum * step;
}

}  // namespace

// Q(a, x) of the incomplete gamma function: the series below a + 1, the continued fraction above
// (Abramowitz & Stegun 6.5.29 and 6.5.31).
double chi_squared_tail(double x, double degrees) {
    const double a = degrees / 2;
    x /= 2;
    if (!(x > 0)) return 1;
    const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
    if (x < a + 1) {
        double term = 1 / a;
        double sum = term;
        for (double n = a + 1; term > 1e-17 * sum; ++n) sum += term *= x / n;
        return 1 - front * sum;
    }
    // From the inside out, far enough for the arguments at hand.
    double fraction = 0;
    for (int n = 2000; n > 0; --n) {
        fraction = n * (a - n) / (x + 2 * n + 1 - a + fraction);
    }
    return front / (x + 1 - a + fraction);
}

double studentized_range_quantile(std::size_t groups, double upper_tail) {
    double low = 0;
    double high = 20;
    for (int i = 0; i < 80; ++i) {
        const double middle = (low + high) / 2;
        (range_share(groups, middle) < 1 - upper_tail ? low : high) = middle;
    }
    return (low + high) / 2;
}

RankComparison compare_ranks(const Matrix& scores, double significance) {
    if (scores.rows < 2 || scores.columns < 2) {
        fail_input("ranks need at least two tasks and two methods; there are {} and {}",
                   scores.rows, scores.columns);
    }
    RankComparison result;
    result.tasks = scores.rows;
    result.significance = significance;
    result.ranks.assign(scores.columns, 0);
    const auto tasks = static_cast<double>(scores.rows);
    const auto methods = static_cast<double>(scores.columns);
    double ties = 0;
    for (std::size_t t = 0; t < scores.rows; ++t) {
        const auto ranks = ranks_of(scores.row(t), ties);
        for (std::size_t k = 0; k < ranks.size(); ++k) result.ranks[k] += ranks[k] / tasks;
    }
    double squares = 0;
    for (const double rank : result.ranks) squares += std::pow(rank - (methods + 1) / 2, 2);
    const double untied = 1 - ties / (tasks * methods * (methods * methods - 1));
    if (untied > 0) {
        result.chi_squared = 12 * tasks / (methods * (methods + 1)) * squares / untied;
        result.p_value = chi_squared_tail(result.chi_squared, methods - 1);
    }
    result.critical_difference = studentized_range_quantile(scores.columns, significance) /
                                 std::numbers::sqrt2 *
                                 std::sqrt(methods * (methods + 1) / (6 * tasks));
    return result;
}

std::vector<std::vector<std::size_t>> indistinct_groups(const RankComparison& comparison) {
    std::vector<std::size_t> order(comparison.ranks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return comparison.ranks[a] < comparison.ranks[b];
    });
    std::vector<std::vector<std::size_t>> groups;
    std::size_t reached = 0;  // the end of the last run
    for (std::size_t first = 0; first < order.size(); ++first) {
        std::size_t last = first + 1;
        while (last < order.size() &&
               comparison.ranks[order[last]] - comparison.ranks[order[first]] <=
                   comparison.critical_difference) {
            ++last;
        }
        if (last - first < 2 || last <= reached) continue;
        reached = last;
        groups.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                            order.begin() + static_cast<std::ptrdiff_t>(last));
    }
    return groups;
}

}  // namespace clef
