// A linear model on raw embeddings, and the standardisation that is folded into it. Pure; a const
// head is thread-safe.
#pragma once

#include <span>
#include <vector>

#include "cohort/task.hpp"
#include "evaluation/matrix.hpp"

namespace clef {

// z = (x − mean) / deviation per dimension.
struct Scaling {
    std::vector<double> mean;
    std::vector<double> deviation;  // population; 1 for a constant dimension
};
// Statistics of the given rows, or the identity.
Scaling make_scaling(const FloatMatrix& embeddings, std::span<const std::size_t> rows,
                     bool standardise);
Matrix scaled_rows(const FloatMatrix& embeddings, std::span<const std::size_t> rows,
                   const Scaling& scaling);

struct LinearHead {
    TaskKind kind = TaskKind::multi_label;
    Matrix weights;                  // outputs × dimensions
    std::vector<double> intercepts;  // per output; infinite for a class that could not be learnt

    // Sets one output from a model of scaled embeddings.
    void set(std::size_t output, std::span<const double> scaled_weights, double intercept,
             const Scaling& scaling);

    // rows × outputs, as scoring.hpp wants predictions.
    Matrix predict(const FloatMatrix& embeddings) const;
};

}  // namespace clef
