#include "formats/matrix_layout.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace clef {

namespace {

constexpr std::uint64_t most_leads = 16;

}  // namespace

MatrixLayout matrix_layout(std::uint64_t rows, std::uint64_t columns, const std::string& what) {
    if (rows == 0 || columns == 0) fail_input("{}: {} × {}: no samples", what, rows, columns);
    if (columns == 1) return {1, rows, false};
    if (rows == 1) return {1, columns, true};
    const bool plain =
        std::min(rows, columns) <= most_leads && std::max(rows, columns) > most_leads;
    if (!plain) {
        fail_input(
            "{}: {} × {}: expected leads × samples or samples × leads, with at most {} leads and "
            "more samples than that; which of the two these are cannot be told",
            what, rows, columns, most_leads);
    }
    return rows < columns ? MatrixLayout{rows, columns, true} : MatrixLayout{columns, rows, false};
}

}  // namespace clef
