// L2-regularised logistic regression of one class against the rest, with scikit-learn's objective:
//
//     minimise over w, b:   C · Σ sᵢ log(1 + exp(−yᵢ (w·xᵢ + b)))  +  ½ ‖w‖²,     yᵢ = ±1
//
// The intercept b is not penalised; sᵢ is 1, or n / (2 nₖ) for a row of sign k with balanced
// weights. The optimum is unique; the fit stops when it is within about 1e-4 of it in ‖w‖ (usually
// far nearer), so coefficients agree with any other exact solver.
//
// How: the features are centred (which changes b only) and, where there are fewer rows than
// columns, rotated into the rows' space (which keeps ‖w‖). L-BFGS (Nocedal & Wright, Numerical
// Optimization, 2nd ed., algorithm 7.4) starts each two-loop recursion from the inverse of C h XᵀX
// + I, the Hessian with its weights p (1 − p) replaced by their mean h, which leaves it little to
// learn.
//
// One LogisticProblem serves any number of fits over the same features, from several threads; the
// result of a fit does not depend on what ran before or beside it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "evaluation/matrix.hpp"
#include "evaluation/ranking.hpp"

namespace clef {

struct LogisticModel {
    std::vector<double> weights;  // one per feature
    double intercept = 0;
    std::size_t iterations = 0;
    bool converged = false;

    double probability(std::span<const double> features) const;
};

class LogisticProblem {
  public:
    // Rows of features; every value must be finite (an InputError names row and column).
    explicit LogisticProblem(const Matrix& features);
    ~LogisticProblem();
    LogisticProblem(LogisticProblem&&) noexcept;
    LogisticProblem& operator=(LogisticProblem&&) noexcept;

    // Rows with label −1 are left out. Labels of one sign only have no optimum: an InputError.
    LogisticModel fit(std::span<const Label> labels, double c, bool balanced) const;

    // The same for several values of C, given in ascending order; each fit starts where the last
    // ended, which is quicker.
    std::vector<LogisticModel> fit_path(std::span<const Label> labels, std::span<const double> c,
                                        bool balanced) const;

  private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace clef
