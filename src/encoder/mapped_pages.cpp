#include "encoder/mapped_pages.hpp"

#include <functional>
#include <sys/mman.h>
#include <unistd.h>

namespace clef {

void drop_pages(const MappedFile& file, std::span<const std::byte> part) {
    const auto whole = file.bytes();
    const std::less<const std::byte*> before;
    if (part.empty() || before(part.data(), whole.data()) ||
        before(whole.data() + whole.size(), part.data() + part.size())) {
        return;
    }
    // Only a mapping may be dropped: its first byte stands on a page's boundary.
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto offset = static_cast<std::size_t>(part.data() - whole.data());
    const std::size_t begin = (offset + page - 1) / page * page;
    const std::size_t end = (offset + part.size()) / page * page;
    if (begin >= end) return;
    auto* first = const_cast<std::byte*>(whole.data() + begin);
    ::madvise(first, end - begin, MADV_DONTNEED);
}

}  // namespace clef
