// One function per file of this folder; registry.cpp calls them all. To add an encoder of a family
// that exists: a file like clef.cpp, a line here and a line there.
#pragma once

#include <vector>

#include "encoder/architecture.hpp"

namespace clef::built_in {

Family net1d_family();

std::vector<Architecture> clef();
std::vector<Architecture> ecgfounder();

}  // namespace clef::built_in
