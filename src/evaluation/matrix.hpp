// A row-major matrix and nothing more: the currency between embeddings, probes and reports.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace clef {

template <typename T>
struct BasicMatrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<T> values;  // row-major, rows × columns

    BasicMatrix() = default;
    BasicMatrix(std::size_t row_count, std::size_t column_count, T fill = T{})
        : rows(row_count), columns(column_count), values(row_count * column_count, fill) {}

    T& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
    const T& at(std::size_t row, std::size_t column) const {
        return values[row * columns + column];
    }
    std::span<T> row(std::size_t index) { return {values.data() + index * columns, columns}; }
    std::span<const T> row(std::size_t index) const {
        return {values.data() + index * columns, columns};
    }
    std::vector<T> column(std::size_t index) const {
        std::vector<T> result(rows);
        for (std::size_t i = 0; i < rows; ++i) result[i] = at(i, index);
        return result;
    }
};

using FloatMatrix = BasicMatrix<float>;  // embeddings
using Matrix = BasicMatrix<double>;      // statistics

}  // namespace clef
