#include "evaluation/logistic.hpp"

#include <cassert>
#include <cmath>
#include <deque>
#include <map>
#include <mutex>

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <Eigen/QR>

#include "base/error.hpp"
#include "evaluation/training_features.hpp"

namespace clef {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;  // of parameters: the weights, then the intercept

constexpr std::size_t history = 30;
constexpr std::size_t most_iterations = 1000;
// On gᵀ H⁻¹ g, about the squared distance to the optimum in the norm of the Hessian (which is at
// least the identity).
constexpr double tolerance = 1e-8;

double sigmoid(double x) {
    if (x >= 0) return 1 / (1 + std::exp(-x));
    const double e = std::exp(x);
    return e / (1 + e);
}

// log(1 + exp(−x)) without overflow
double softplus_of_minus(double x) {
    return x > 0 ? std::log1p(std::exp(-x)) : -x + std::log1p(std::exp(x));
}

// One labelling of the rows, with the weight of each row in the loss (C included, 0: unknown).
struct Labelling {
    Vector sign;
    Vector weight;
    double curvature = 0;  // mean of weight · p (1 − p) at the prevalence
    double start_intercept = 0;
};

Labelling make_labelling(std::span<const Label> labels, double c, bool balanced) {
    double counts[2] = {0, 0};
    for (const Label label : labels) {
        if (label >= 0) counts[label > 0 ? 1 : 0] += 1;
    }
    if (counts[0] == 0 || counts[1] == 0) {
        fail_input(
            "a logistic regression needs rows with and without the class; there are {} and {}",
            counts[1], counts[0]);
    }
    const double known = counts[0] + counts[1];
    double factor[2] = {c, c};
    if (balanced) {
        for (int k = 0; k < 2; ++k) factor[k] = c * known / (2 * counts[k]);
    }
    Labelling result;
    const auto rows = static_cast<Eigen::Index>(labels.size());
    result.sign = Vector::Zero(rows);
    result.weight = Vector::Zero(rows);
    for (Eigen::Index i = 0; i < rows; ++i) {
        const Label label = labels[static_cast<std::size_t>(i)];
        if (label < 0) continue;
        result.sign[i] = label > 0 ? 1 : -1;
        result.weight[i] = factor[label > 0 ? 1 : 0];
    }
    const double positive = factor[1] * counts[1];
    const double negative = factor[0] * counts[0];
    const double prevalence = positive / (positive + negative);
    result.start_intercept = std::log(positive / negative);
    result.curvature =
        prevalence * (1 - prevalence) * (positive + negative) / static_cast<double>(labels.size());
    return result;
}

// The objective and its gradient in one pass over the rows.
double evaluate(const Rows& features, const Labelling& labelling, const Vector& parameters,
                Vector& gradient) {
    const Eigen::Index columns = features.cols();
    const auto weights = parameters.head(columns);
    const double intercept = parameters[columns];
    gradient.head(columns) = weights;
    double intercept_gradient = 0;
    double loss = 0.5 * weights.squaredNorm();
    for (Eigen::Index i = 0; i < features.rows(); ++i) {
        if (labelling.weight[i] == 0) continue;
        const double sign = labelling.sign[i];
        const double margin = sign * (features.row(i).dot(weights) + intercept);
        loss += labelling.weight[i] * softplus_of_minus(margin);
        const double slope = -labelling.weight[i] * sign * sigmoid(-margin);
        gradient.head(columns).noalias() += slope * features.row(i).transpose();
        intercept_gradient += slope;
    }
    gradient[columns] = intercept_gradient;
    return loss;
}

struct Pair {
    Vector step;
    Vector change;  // of the gradient
    double inverse_product;
};

using Factor = Eigen::LLT<Eigen::MatrixXd>;

// −H⁻¹ g by the two-loop recursion.
Vector direction_of(const Vector& gradient, const std::deque<Pair>& pairs, const Factor& factor) {
    Vector q = gradient;
    std::vector<double> alpha(pairs.size());
    for (std::size_t k = pairs.size(); k-- > 0;) {
        alpha[k] = pairs[k].inverse_product * pairs[k].step.dot(q);
        q -= alpha[k] * pairs[k].change;
    }
    factor.solveInPlace(q);
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        const double beta = pairs[k].inverse_product * pairs[k].change.dot(q);
        q += (alpha[k] - beta) * pairs[k].step;
    }
    return -q;
}

struct Optimum {
    Vector parameters;
    std::size_t iterations = 0;
    bool converged = false;
};

Optimum minimise(const Rows& features, const Labelling& labelling, const Factor& factor,
                 Vector parameters) {
    Vector gradient(parameters.size());
    Vector next_gradient(parameters.size());
    double value = evaluate(features, labelling, parameters, gradient);
    std::deque<Pair> pairs;
    Optimum result;
    for (; result.iterations < most_iterations; ++result.iterations) {
        const Vector direction = direction_of(gradient, pairs, factor);
        const double slope = gradient.dot(direction);
        if (-slope <= tolerance) {
            result.converged = true;
            break;
        }
        double length = 1;
        Vector next = parameters + direction;
        double next_value = evaluate(features, labelling, next, next_gradient);
        // Armijo's condition; the objective is strictly convex, so that any step that meets it
        // gives a pair of positive curvature. The slack is the rounding of the value.
        const double slack = 1e-14 * std::abs(value);
        while (next_value > value + 1e-4 * length * slope + slack && length > 1e-10) {
            length /= 2;
            next = parameters + length * direction;
            next_value = evaluate(features, labelling, next, next_gradient);
        }
        Pair pair{next - parameters, next_gradient - gradient, 0};
        const double product = pair.step.dot(pair.change);
        if (product > 1e-300) {
            pair.inverse_product = 1 / product;
            if (pairs.size() == history) pairs.pop_front();
            pairs.push_back(std::move(pair));
        }
        parameters = next;
        gradient = next_gradient;
        value = next_value;
        if (length <= 1e-10) break;
    }
    result.parameters = std::move(parameters);
    return result;
}

}  // namespace

double LogisticModel::probability(std::span<const double> features) const {
    assert(features.size() == weights.size());
    double sum = intercept;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * features[k];
    return sigmoid(sum);
}

struct LogisticProblem::Shared {
    Rows features;  // centred, perhaps rotated
    Eigen::RowVectorXd mean;
    Eigen::MatrixXd basis;  // columns span the rows' space; empty: not rotated
    Eigen::MatrixXd gram;   // of [features 1]

    // Factors of the starting Hessian, one per power of 4 of its curvature: a shared factor that is
    // at most twice too large or small costs a few iterations, not the answer.
    std::mutex mutex;
    std::map<int, std::shared_ptr<const Factor>> factors;

    std::shared_ptr<const Factor> factor_for(double curvature) {
        const int power = static_cast<int>(std::lround(std::log(curvature) / std::log(4.0)));
        const std::lock_guard lock(mutex);
        auto& factor = factors[power];
        if (factor == nullptr) {
            Eigen::MatrixXd hessian = std::pow(4.0, power) * gram;
            hessian.diagonal().head(features.cols()).array() += 1;
            factor = std::make_shared<const Factor>(hessian);
        }
        return factor;
    }
};

LogisticProblem::LogisticProblem(const Matrix& features) : shared_(std::make_unique<Shared>()) {
    const auto rows = static_cast<Eigen::Index>(features.rows);
    const auto columns = static_cast<Eigen::Index>(features.columns);
    check_training_features(features);
    Shared& shared = *shared_;
    shared.features = Eigen::Map<const Rows>(features.values.data(), rows, columns);
    shared.mean = shared.features.colwise().mean();
    shared.features.rowwise() -= shared.mean;
    if (rows < columns) {
        const Eigen::HouseholderQR<Eigen::MatrixXd> qr(shared.features.transpose());
        shared.basis = qr.householderQ() * Eigen::MatrixXd::Identity(columns, rows);
        shared.features = (shared.features * shared.basis).eval();
    }
    const Eigen::Index width = shared.features.cols();
    shared.gram = Eigen::MatrixXd::Zero(width + 1, width + 1);
    shared.gram.topLeftCorner(width, width).noalias() =
        shared.features.transpose() * shared.features;
    shared.gram(width, width) = static_cast<double>(rows);  // centred: no other entries
}

LogisticProblem::~LogisticProblem() = default;
LogisticProblem::LogisticProblem(LogisticProblem&&) noexcept = default;
LogisticProblem& LogisticProblem::operator=(LogisticProblem&&) noexcept = default;

std::vector<LogisticModel> LogisticProblem::fit_path(std::span<const Label> labels,
                                                     std::span<const double> c,
                                                     bool balanced) const {
    Shared& shared = *shared_;
    assert(static_cast<Eigen::Index>(labels.size()) == shared.features.rows());
    std::vector<LogisticModel> models;
    Vector start = Vector::Zero(shared.features.cols() + 1);
    for (const double strength : c) {
        if (!(strength > 0)) fail_input("C must be a number above 0, not {}", strength);
        const Labelling labelling = make_labelling(labels, strength, balanced);
        if (models.empty()) start[start.size() - 1] = labelling.start_intercept;
        const auto factor = shared.factor_for(labelling.curvature);
        const Optimum optimum = minimise(shared.features, labelling, *factor, start);
        start = optimum.parameters;
        Vector weights = start.head(start.size() - 1);
        if (shared.basis.size() > 0) weights = (shared.basis * weights).eval();
        LogisticModel model;
        model.weights.assign(weights.data(), weights.data() + weights.size());
        model.intercept = start[start.size() - 1] - shared.mean.dot(weights);
        model.iterations = optimum.iterations;
        model.converged = optimum.converged;
        models.push_back(std::move(model));
    }
    return models;
}

LogisticModel LogisticProblem::fit(std::span<const Label> labels, double c, bool balanced) const {
    return fit_path(labels, {&c, 1}, balanced).front();
}

}  // namespace clef
