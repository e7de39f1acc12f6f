// Which dimension of a matrix is that of the leads. Recordings have few leads and many samples, so
// the shape decides where it is plain, and nothing is guessed where it is not.
#pragma once

#include <cstdint>
#include <string>

namespace clef {

struct MatrixLayout {
    std::uint64_t leads = 0;
    std::uint64_t samples = 0;
    bool leads_are_rows = true;
};

// At most 16 leads, and more samples than leads. A matrix with one row or column is one lead.
// Errors: InputError naming `what` (the file and variable) when neither or both could be the leads.
MatrixLayout matrix_layout(std::uint64_t rows, std::uint64_t columns, const std::string& what);

}  // namespace clef
