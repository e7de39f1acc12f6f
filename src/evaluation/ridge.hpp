// Ridge regression with scikit-learn's objective: minimise ‖y − X w − b‖² + α ‖w‖², the intercept b
// not penalised. Solved exactly by a Cholesky factor of the centred Gram matrix, of columns or of
// rows, whichever is smaller. Thread-safe once constructed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "evaluation/matrix.hpp"

namespace clef {

struct RidgeModel {
    std::vector<double> weights;
    double intercept = 0;

    double predict(std::span<const double> features) const;
};

class RidgeProblem {
  public:
    // All values must be finite (InputError), and there must be as many targets as rows.
    RidgeProblem(const Matrix& features, std::span<const double> targets);
    ~RidgeProblem();
    RidgeProblem(RidgeProblem&&) noexcept;
    RidgeProblem& operator=(RidgeProblem&&) noexcept;

    RidgeModel fit(double alpha) const;  // alpha > 0

  private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace clef
