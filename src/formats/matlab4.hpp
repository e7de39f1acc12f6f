// MATLAB level 4 files as the PhysioNet challenges ship them: one int16 matrix "val" of
// signals × samples behind a header, read through a WFDB header that says "16+24".
// Source: MathWorks, "MAT-File Level 4 Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace clef {

// What a WFDB header says about the matrix.
struct Matlab4Expectation {
    std::uint64_t signals = 0;
    std::uint64_t samples = 0;  // at least so many; 0 when the header does not say
    std::uint64_t byte_offset = 0;
    int format = 16;
};

// Throws InputError, naming file and field, when the MATLAB header contradicts the WFDB header:
// another number type, another number of rows, fewer columns, or data that begin elsewhere.
void check_matlab4(std::span<const std::byte> file, const std::filesystem::path& path,
                   const Matlab4Expectation& expected);

}  // namespace clef
