// The skeleton of a MATLAB file of level 4 or 5: whether every element it announces is there whole.
// Asked before matio is, which reads zeros and says nothing where a file is cut off or damaged.
// Source: MathWorks, "MAT-File Format".
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace clef {

// Walks the elements, and inflates the compressed ones up to their checksum, keeping nothing. Level
// 7.3 (HDF5) is left alone. Errors: InputError naming the file (`name`) and the byte. Thread-safe.
void check_matlab_elements(std::span<const std::byte> file, const std::string& name);

}  // namespace clef
