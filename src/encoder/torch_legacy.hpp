// PyTorch's format before 1.6 (and with _use_new_zipfile_serialization=False): pickles of a magic
// number, the protocol 1001, the writing machine's description, the object, the storage keys in
// their order; then each storage as an int64 element count and its elements. Source: PyTorch's
// torch/serialization.py, _legacy_save.
#pragma once

#include <span>
#include <string>

#include "encoder/torch_file.hpp"

namespace clef {

// A pickle protocol mark, or a protocol-0 number, at the very beginning.
bool looks_like_pickle(std::span<const std::byte> bytes);

// The views in the result are of `bytes`. InputError: a pickle that torch.save() did not write
// (it says what it holds), a storage that leaves the file or is listed and described nowhere.
TorchFile read_torch_legacy(std::span<const std::byte> bytes, const std::string& source);

}  // namespace clef
