#include "evaluation/neighbours.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include <Eigen/Dense>

#include "base/threads.hpp"

namespace clef {

namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Rows>;

void nearest_of(std::span<const float> similarities, std::uint32_t self, std::size_t depth,
                std::uint32_t* list) {
    std::vector<std::uint32_t> order(similarities.size());
    std::iota(order.begin(), order.end(), 0U);
    order.erase(order.begin() + self);
    const auto nearer = [&](std::uint32_t a, std::uint32_t b) {
        return similarities[a] != similarities[b] ? similarities[a] > similarities[b] : a < b;
    };
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(depth);
    std::partial_sort(order.begin(), end, order.end(), nearer);
    std::copy(order.begin(), end, list);
}

double share_of_class(std::span<const std::uint32_t> list, std::span<const int> classes, int wanted,
                      std::size_t k, Weights weights) {
    double found = 0;
    double same = 0;
    const auto most = static_cast<double>(k);
    for (const std::uint32_t row : list) {
        const double weight = weights.empty() ? 1 : weights[row];
        const double counted = std::min(weight, most - found);
        found += counted;
        if (classes[row] == wanted) same += counted;
        if (found >= most) break;
    }
    return found > 0 ? same / found : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Neighbours nearest_neighbours(const FloatMatrix& unit_rows, std::span<const std::uint32_t> queries,
                              std::size_t depth, unsigned threads) {
    Neighbours result;
    result.queries.assign(queries.begin(), queries.end());
    result.depth = unit_rows.rows == 0 ? 0 : std::min(depth, unit_rows.rows - 1);
    result.lists.resize(result.queries.size() * result.depth);
    const auto columns = static_cast<Eigen::Index>(unit_rows.columns);
    const View all(unit_rows.values.data(), static_cast<Eigen::Index>(unit_rows.rows), columns);
    constexpr std::size_t block = 64;
    parallel_for((queries.size() + block - 1) / block, threads, [&](std::size_t b) {
        const std::size_t begin = b * block;
        const std::size_t end = std::min(begin + block, queries.size());
        Rows wanted(static_cast<Eigen::Index>(end - begin), columns);
        for (std::size_t q = begin; q < end; ++q) {
            wanted.row(static_cast<Eigen::Index>(q - begin)) = all.row(queries[q]);
        }
        const Rows similarities = wanted * all.transpose();
        for (std::size_t q = begin; q < end; ++q) {
            const float* row = similarities.data() + (q - begin) * unit_rows.rows;
            nearest_of({row, unit_rows.rows}, queries[q], result.depth,
                       result.lists.data() + q * result.depth);
        }
    });
    return result;
}

Purity neighbour_purity(const Neighbours& neighbours, std::span<const int> classes, std::size_t k,
                        Weights weights) {
    const auto weight_of = [&](std::size_t row) {
        return weights.empty() ? 1.0 : static_cast<double>(weights[row]);
    };
    std::vector<double> of_class;
    double all = 0;
    for (std::size_t row = 0; row < classes.size(); ++row) {
        const auto index = static_cast<std::size_t>(classes[row]);
        if (index >= of_class.size()) of_class.resize(index + 1, 0.0);
        of_class[index] += weight_of(row);
        all += weight_of(row);
    }
    Purity sum;
    double total = 0;
    for (std::size_t q = 0; q < neighbours.queries.size(); ++q) {
        const std::uint32_t row = neighbours.queries[q];
        const double weight = weight_of(row);
        if (weight == 0 || all <= weight) continue;
        const int own = classes[row];
        sum.purity += weight * share_of_class(neighbours.of(q), classes, own, k, weights);
        sum.chance += weight * (of_class[static_cast<std::size_t>(own)] - weight) / (all - weight);
        total += weight;
    }
    return {sum.purity / total, sum.chance / total};
}

}  // namespace clef
