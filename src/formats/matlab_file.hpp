// MATLAB files of levels 4, 5 and 7.3 (HDF5), through matio, which runs in a child process: matio
// and HDF5 were not made for hostile files (base/isolated.hpp).
// Source: MathWorks, "MAT-File Format"; matio's manual.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace clef {

// A variable, or a field of a variable that is a single structure ("ECG.data").
struct MatlabVariable {
    std::string name;
    bool is_matrix = false;  // real numbers in two dimensions
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
    std::optional<double> number;  // of a 1 × 1 matrix
    std::string text;              // of a short row of characters
};

bool is_matlab(std::span<const std::byte> beginning);

// All variables, without the numbers in them. Errors: InputError naming the file.
std::vector<MatlabVariable> list_matlab_variables(const std::filesystem::path& path);

// Samples [from, to) of one row (or column) of a matrix.
struct MatlabPart {
    bool leads_are_rows = true;
    std::uint64_t lead = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};

// The numbers of a part, handed to `take` piece by piece. Errors: InputError naming the file.
void read_matlab_part(const std::filesystem::path& path, const std::string& variable,
                      const MatlabPart& part,
                      const std::function<void(std::span<const double>)>& take);

}  // namespace clef
