#include "clinical/dissimilarity.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace clef {

namespace {

constexpr std::pair<const char*, PairForm> forms[] = {{"paper", PairForm::paper},
                                                      {"released", PairForm::released},
                                                      {"interpolated", PairForm::interpolated}};

// The released code's guard against a range of zero.
constexpr double released_epsilon = 1e-6;

double square(double value) {
    return value * value;
}

PairWeights plain(std::size_t n) {
    return {std::vector<double>(n * n, 1.0), std::vector<double>(n * n, 0.0),
            std::vector<double>(n * n, 0.0)};
}

double largest_difference(std::span<const double> risk) {
    double largest = 0;
    for (const double a : risk) {
        for (const double b : risk) {
            const double difference = square(a - b);
            if (difference > largest) largest = difference;  // false for NaN
        }
    }
    return largest;
}

// Divides the weights of different patients by their mean.
void scale_to_mean_one(PairWeights& pairs, std::size_t n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) sum += i == k ? 0 : pairs.weight[i * n + k];
    }
    if (!(sum > 0)) return;
    const double scale = static_cast<double>(n * (n - 1)) / sum;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {
            if (i != k) pairs.weight[i * n + k] *= scale;
        }
    }
}

PairWeights released(std::span<const double> risk, std::span<const double> missing,
                     const PairOptions& options) {
    const std::size_t n = risk.size();
    std::vector<double> filled(risk.begin(), risk.end());
    for (double& value : filled) value = std::isnan(value) ? 0 : value;
    const double range = largest_difference(filled) + released_epsilon;
    PairWeights result = plain(n);
    std::vector<double> row(n);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) {
            double d = (1 - options.alpha) * square(filled[i] - filled[k]) / range + options.alpha;
            if (i == k) d = 0;
            if (options.missing_mask) d *= std::exp(-missing[i] * missing[k]);
            result.similarity[i * n + k] = 1 - d;
            result.known[i * n + k] = 1;
            row[k] = std::exp(d);
            sum += 2 * row[k];  // the columns of both views
        }
        for (std::size_t k = 0; k < n; ++k) result.weight[i * n + k] = row[k] / sum;
    }
    return result;
}

double weight_of(double d, double known_i, double known_k, const PairOptions& options) {
    if (!options.missing_mask) return d;
    const double both = known_i * known_k;
    return options.form == PairForm::paper ? d * std::exp(-both) : both * d + (1 - both);
}

PairWeights weighted(std::span<const double> risk, std::span<const double> missing,
                     const PairOptions& options) {
    const std::size_t n = risk.size();
    PairWeights result = plain(n);
    const double range = largest_difference(risk);
    if (range <= 0) return result;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {
            const std::size_t pair = i * n + k;
            if (i == k) {
                result.similarity[pair] = 1;
                result.known[pair] = 1;
            } else if (!std::isnan(risk[i]) && !std::isnan(risk[k])) {
                const double d =
                    (1 - options.alpha) * square(risk[i] - risk[k]) / range + options.alpha;
                result.weight[pair] = weight_of(d, 1 - missing[i], 1 - missing[k], options);
                result.similarity[pair] = 1 - result.weight[pair];
                result.known[pair] = 1;
            }
        }
    }
    return result;
}

}  // namespace

std::vector<std::string> pair_form_names() {
    std::vector<std::string> names;
    for (const auto& [name, form] : forms) names.emplace_back(name);
    return names;
}

std::optional<PairForm> parse_pair_form(std::string_view name) {
    for (const auto& [known, form] : forms) {
        if (name == known) return form;
    }
    return std::nullopt;
}

PairWeights pair_weights(std::span<const double> risk, std::span<const double> missing,
                         const PairOptions& options) {
    assert(risk.size() == missing.size());
    PairWeights pairs = options.form == PairForm::released ? released(risk, missing, options)
                                                           : weighted(risk, missing, options);
    if (options.normalise) scale_to_mean_one(pairs, risk.size());
    return pairs;
}

}  // namespace clef
