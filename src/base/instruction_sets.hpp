// The instruction sets that kernels (Google Highway, dispatched at run time) can use here.
#pragma once

#include <vector>

namespace clef {

// Names of those this machine can run, best first.
std::vector<const char*> instruction_sets();

// Restricts every kernel of the process to one of them; "" lifts that. For tests, which run once
// per set: not thread-safe.
void use_instruction_set(const char* name);

}  // namespace clef
