// Giving mapped pages back once they are read: they count as this process's memory while they are
// mapped in, and a checkpoint may be larger than the memory of the machine.
#pragma once

#include <cstddef>
#include <span>

#include "base/file.hpp"

namespace clef {

// The pages that lie wholly within `part`, which must lie within the file's bytes (nothing happens
// otherwise); reading them again later is correct and slow.
void drop_pages(const MappedFile& file, std::span<const std::byte> part);

}  // namespace clef
