#include "evaluation/linear_head.hpp"

#include <cassert>
#include <cmath>

namespace clef {

Scaling make_scaling(const FloatMatrix& embeddings, std::span<const std::size_t> rows,
                     bool standardise) {
    const std::size_t width = embeddings.columns;
    Scaling result{std::vector<double>(width, 0), std::vector<double>(width, 1)};
    if (!standardise) return result;
    const double count = static_cast<double>(rows.size());
    std::vector<double> squares(width, 0);
    for (const std::size_t row : rows) {
        for (std::size_t k = 0; k < width; ++k) result.mean[k] += embeddings.at(row, k) / count;
    }
    for (const std::size_t row : rows) {
        for (std::size_t k = 0; k < width; ++k) {
            const double offset = embeddings.at(row, k) - result.mean[k];
            squares[k] += offset * offset / count;
        }
    }
    for (std::size_t k = 0; k < width; ++k) {
        // Rounding of the mean alone leaves about 1e-16 of it.
        const double deviation = std::sqrt(squares[k]);
        if (deviation > 1e-12 * std::abs(result.mean[k])) result.deviation[k] = deviation;
    }
    return result;
}

Matrix scaled_rows(const FloatMatrix& embeddings, std::span<const std::size_t> rows,
                   const Scaling& scaling) {
    Matrix result(rows.size(), embeddings.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < embeddings.columns; ++k) {
            result.at(i, k) = (embeddings.at(rows[i], k) - scaling.mean[k]) / scaling.deviation[k];
        }
    }
    return result;
}

void LinearHead::set(std::size_t output, std::span<const double> scaled_weights, double intercept,
                     const Scaling& scaling) {
    intercepts[output] = intercept;
    for (std::size_t k = 0; k < scaled_weights.size(); ++k) {
        const double weight = scaled_weights[k] / scaling.deviation[k];
        weights.at(output, k) = weight;
        intercepts[output] -= weight * scaling.mean[k];
    }
}

Matrix LinearHead::predict(const FloatMatrix& embeddings) const {
    assert(embeddings.columns == weights.columns || embeddings.rows == 0);
    Matrix result(embeddings.rows, intercepts.size());
    for (std::size_t i = 0; i < embeddings.rows; ++i) {
        double total = 0;
        for (std::size_t k = 0; k < intercepts.size(); ++k) {
            double sum = intercepts[k];
            for (std::size_t j = 0; j < weights.columns; ++j) {
                sum += weights.at(k, j) * embeddings.at(i, j);
            }
            result.at(i, k) = kind == TaskKind::regression ? sum : 1 / (1 + std::exp(-sum));
            total += result.at(i, k);
        }
        if (kind != TaskKind::multi_class) continue;
        for (double& probability : result.row(i)) {
            probability =
                total > 0 ? probability / total : 1 / static_cast<double>(intercepts.size());
        }
    }
    return result;
}

}  // namespace clef
