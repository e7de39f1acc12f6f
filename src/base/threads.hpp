// Running independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace clef {

// The processors this process may use (its affinity mask, not the machine's count).
unsigned available_threads();

// Calls work(i) for i = 0 … count − 1 on up to `threads` threads (0: all available), in any order.
// Returns when all are done. An exception stops further calls; of those thrown, the one of the
// lowest index is rethrown here, which is the same for any number of threads.
// Results must not depend on the order: write to slot i, draw random numbers keyed by i.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& work);

}  // namespace clef
