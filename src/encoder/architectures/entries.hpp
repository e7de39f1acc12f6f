// What a file of this folder adds to the program. To add an encoder: one file NAME.cpp here that
// defines `Entries built_in::NAME()`; the build declares that function and makes it known
// (cmake/architectures.cmake). clef.cpp is an example of architectures, net1d.cpp of a family; one
// file may hold both.
#pragma once

#include <vector>

#include "encoder/architecture.hpp"

namespace clef::built_in {

struct Entries {
    std::vector<Family> families;
    std::vector<Architecture> architectures;
};

}  // namespace clef::built_in

#include "generated_architectures.hpp"
