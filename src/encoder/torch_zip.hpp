// PyTorch's zip container (torch.save since 1.6). Source of the layout: PKWARE's APPNOTE 6.3.9,
// sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14–16 (zip64 and end records).
#pragma once

#include <span>
#include <vector>

#include "encoder/torch_file.hpp"

namespace clef {

bool looks_like_zip(std::span<const std::byte> bytes);

// The entries, in the order of their names; their checksums are not compared here. InputError, with
// the entry's name where there is one: truncated, no central directory, a compressed or encrypted
// entry, an entry that leaves the file, a name twice.
std::vector<CheckedPart> read_stored_zip(std::span<const std::byte> bytes,
                                         const std::string& source);

// The views in the result are of `bytes`.
TorchFile read_torch_zip(std::span<const std::byte> bytes, const std::string& source);

}  // namespace clef
