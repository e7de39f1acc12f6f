#include "evaluation/projection.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include "base/error.hpp"

namespace clef {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Rows to_eigen(const FloatMatrix& matrix) {
    if (matrix.rows == 0 || matrix.columns == 0) fail_input("there are no embeddings to describe");
    Rows result(matrix.rows, matrix.columns);
    for (std::size_t i = 0; i < matrix.values.size(); ++i) {
        if (!std::isfinite(matrix.values[i])) {
            fail_input("embedding {} holds a value that is not a finite number (dimension {})",
                       i / matrix.columns + 1, i % matrix.columns + 1);
        }
        result.data()[i] = matrix.values[i];
    }
    return result;
}

Rows unit_rows(const FloatMatrix& matrix) {
    Rows result = to_eigen(matrix);
    for (Eigen::Index i = 0; i < result.rows(); ++i) {
        const double length = result.row(i).norm();
        if (length == 0) fail_input("embedding {} is all zeros and has no direction", i + 1);
        result.row(i) /= length;
    }
    return result;
}

Matrix from_eigen(const Rows& rows) {
    Matrix result(static_cast<std::size_t>(rows.rows()), static_cast<std::size_t>(rows.cols()));
    std::copy(rows.data(), rows.data() + rows.size(), result.values.begin());
    return result;
}

// Unit vectors along which the centred rows vary most, as columns; their variances go to `values`.
// From whichever Gram matrix is smaller.
Eigen::MatrixXd leading_directions(const Rows& centred, Eigen::Index count,
                                   Eigen::VectorXd& values) {
    const bool by_rows = centred.rows() < centred.cols();
    const Eigen::MatrixXd gram = by_rows ? Eigen::MatrixXd(centred * centred.transpose())
                                         : Eigen::MatrixXd(centred.transpose() * centred);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
    values = solver.eigenvalues().reverse().head(count).cwiseMax(0);
    Eigen::MatrixXd vectors = solver.eigenvectors().rowwise().reverse().leftCols(count);
    if (!by_rows) return vectors;
    Eigen::MatrixXd directions = centred.transpose() * vectors;
    for (Eigen::Index k = 0; k < count; ++k) {
        const double length = directions.col(k).norm();
        if (length > 0) directions.col(k) /= length;
    }
    return directions;
}

}  // namespace

PrincipalComponents principal_components(const FloatMatrix& embeddings, std::size_t components) {
    Rows centred = to_eigen(embeddings);
    const Eigen::RowVectorXd mean = centred.colwise().mean();
    centred.rowwise() -= mean;
    const auto count =
        static_cast<Eigen::Index>(std::min({components, embeddings.rows, embeddings.columns}));
    Eigen::VectorXd values;
    Eigen::MatrixXd directions = leading_directions(centred, count, values);
    for (Eigen::Index k = 0; k < count; ++k) {
        Eigen::Index largest = 0;
        directions.col(k).cwiseAbs().maxCoeff(&largest);
        if (directions(largest, k) < 0) directions.col(k) *= -1;
    }
    const double total = centred.squaredNorm();
    PrincipalComponents result;
    result.coordinates = from_eigen(centred * directions);
    result.components = from_eigen(directions.transpose());
    result.mean.assign(mean.data(), mean.data() + mean.size());
    for (Eigen::Index k = 0; k < count; ++k) {
        result.explained_variance.push_back(total > 0 ? values[k] / total : 0);
    }
    return result;
}

double effective_rank(const FloatMatrix& embeddings, bool centre) {
    Rows matrix = to_eigen(embeddings);
    if (centre) {
        const Eigen::RowVectorXd mean = matrix.colwise().mean();
        matrix.rowwise() -= mean;
    }
    if (matrix.rows() < matrix.cols()) matrix = Rows(matrix.transpose());
    // The triangle of a QR factorisation has the same singular values and is small.
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(matrix);
    const Eigen::MatrixXd triangle =
        qr.matrixQR().topRows(matrix.cols()).triangularView<Eigen::Upper>();
    const Eigen::VectorXd singular = Eigen::BDCSVD<Eigen::MatrixXd>(triangle).singularValues();
    const double sum = singular.sum();
    if (sum == 0) return 0;
    double entropy = 0;
    for (const double value : singular) {
        const double share = value / sum;
        if (share > 0) entropy -= share * std::log(share);
    }
    return std::exp(entropy);
}

double alignment(const FloatMatrix& first, const FloatMatrix& second) {
    if (first.rows != second.rows || first.columns != second.columns) {
        fail_input("alignment compares row by row: {} × {} against {} × {}", first.rows,
                   first.columns, second.rows, second.columns);
    }
    return (unit_rows(first) - unit_rows(second)).rowwise().squaredNorm().mean();
}

double uniformity(const FloatMatrix& embeddings) {
    if (embeddings.rows < 2) fail_input("uniformity needs at least two embeddings");
    const Rows rows = unit_rows(embeddings);
    double sum = 0;
    for (Eigen::Index i = 0; i + 1 < rows.rows(); ++i) {
        const Eigen::Index others = rows.rows() - i - 1;
        const Eigen::VectorXd cosines = rows.bottomRows(others) * rows.row(i).transpose();
        // ‖u − v‖² = 2 − 2 u·v between unit vectors
        sum += (4 * cosines.array() - 4).exp().sum();
    }
    const double count = static_cast<double>(rows.rows());
    return std::log(sum / (count * (count - 1) / 2));
}

}  // namespace clef
