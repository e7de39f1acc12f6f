#include "evaluation/ridge.hpp"

#include <cassert>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Dense>

#include "base/error.hpp"
#include "evaluation/training_features.hpp"

namespace clef {
namespace {
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
}

double RidgeModel::predict(std::span<const double> features) const {
    assert(features.size() == weights.size());
    double sum = intercept;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * features[k];
    return sum;
}

struct RidgeProblem::Shared {
    Rows features;            // centred
    Eigen::VectorXd targets;  // centred
    Eigen::RowVectorXd mean;
    double target_mean = 0;
    Eigen::MatrixXd gram;  // XᵀX, or XXᵀ where there are fewer rows than columns
    bool by_rows = false;
};

RidgeProblem::RidgeProblem(const Matrix& features, std::span<const double> targets)
    : shared_(std::make_unique<Shared>()) {
    assert(features.rows == targets.size());
    const auto rows = static_cast<Eigen::Index>(features.rows);
    const auto columns = static_cast<Eigen::Index>(features.columns);
    check_training_features(features);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (!std::isfinite(targets[i])) {
            fail_input("the target of training row {} is not a finite number", i + 1);
        }
    }
    Shared& shared = *shared_;
    shared.features = Eigen::Map<const Rows>(features.values.data(), rows, columns);
    shared.mean = shared.features.colwise().mean();
    shared.features.rowwise() -= shared.mean;
    shared.targets = Eigen::Map<const Eigen::VectorXd>(targets.data(), rows);
    shared.target_mean = shared.targets.mean();
    shared.targets.array() -= shared.target_mean;
    shared.by_rows = rows < columns;
    if (shared.by_rows) {
        shared.gram.noalias() = shared.features * shared.features.transpose();
    } else {
        shared.gram.noalias() = shared.features.transpose() * shared.features;
    }
}

RidgeProblem::~RidgeProblem() = default;
RidgeProblem::RidgeProblem(RidgeProblem&&) noexcept = default;
RidgeProblem& RidgeProblem::operator=(RidgeProblem&&) noexcept = default;

RidgeModel RidgeProblem::fit(double alpha) const {
    if (!(alpha > 0)) fail_input("alpha must be a number above 0, not {}", alpha);
    const Shared& shared = *shared_;
    Eigen::MatrixXd system = shared.gram;
    system.diagonal().array() += alpha;
    const Eigen::LLT<Eigen::MatrixXd> factor(system);
    Eigen::VectorXd weights;
    if (shared.by_rows) {
        weights = shared.features.transpose() * factor.solve(shared.targets);
    } else {
        weights = factor.solve(shared.features.transpose() * shared.targets);
    }
    RidgeModel model;
    model.weights.assign(weights.data(), weights.data() + weights.size());
    model.intercept = shared.target_mean - shared.mean.dot(weights);
    return model;
}

}  // namespace clef
