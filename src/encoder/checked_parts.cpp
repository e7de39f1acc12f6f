#include "encoder/checked_parts.hpp"

#include <algorithm>
#include <utility>
#include <zlib.h>

#include "base/error.hpp"
#include "encoder/mapped_pages.hpp"

namespace clef {

PartChecker::PartChecker(const MappedFile& file, const std::vector<CheckedPart>& parts,
                         std::string source)
    : file_(file), source_(std::move(source)) {
    for (const CheckedPart& part : parts) {
        if (part.checksum != 0) parts_[part.bytes.data()] = {part, false};
    }
}

void PartChecker::check_heads() {
    for (auto& [begin, state] : parts_) {
        if (state.part.head) check(state);
    }
}

void PartChecker::check_around(std::span<const std::byte> bytes) {
    auto it = parts_.upper_bound(bytes.data());
    if (it == parts_.begin()) return;
    --it;
    const std::byte* end = it->first + it->second.part.bytes.size();
    if (std::less_equal<>()(bytes.data() + bytes.size(), end)) check(it->second);
}

// Piece by piece, so that a part as large as the file is not in memory all at once.
void PartChecker::check(State& state) {
    if (std::exchange(state.checked, true)) return;
    constexpr std::size_t piece = std::size_t{8} << 20;
    const auto bytes = state.part.bytes;
    unsigned long checksum = 0;
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
        const auto part = bytes.subspan(begin, std::min(piece, bytes.size() - begin));
        checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(part.data()), part.size());
        if (bytes.size() > piece) drop_pages(file_, part);
    }
    if (checksum == state.part.checksum) return;
    fail_input(
        "{}: zip entry '{}': CRC-32 {:08x}, but {:08x} was recorded when it was written: the file "
        "is damaged. Copy or download it again",
        source_, state.part.name, checksum, state.part.checksum);
}

}  // namespace clef
