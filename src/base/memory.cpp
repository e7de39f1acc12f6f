#include "base/memory.hpp"

#include <cstdlib>  // defines __GLIBC__ where there is one

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace clef {

void keep_freed_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);  // glibc takes no more than this
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace clef
