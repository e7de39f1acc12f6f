#include "runtime/rows.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace clef::rows {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;

std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes >= 2 * huge_page ? huge_page : cache_line};
}

}  // namespace

void* allocate_lines(std::size_t bytes) {
    void* memory = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
    // A wish: refusing it does no harm.
    if (bytes >= 2 * huge_page) ::madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
    return memory;
}

void free_lines(void* memory, std::size_t bytes) noexcept {
    ::operator delete(memory, alignment(bytes));
}

}  // namespace clef::rows
