// What torch.save() wrote, before anything is made of it: one pickle, and the storages that it
// refers to by key. The two containers, read by content:
//   zip     since PyTorch 1.6: entries TOP/data.pkl, TOP/data/KEY, TOP/byteorder, all stored
//           uncompressed (torch_zip.hpp)
//   legacy  before: pickles of a magic number, a protocol, the machine's description, the object
//           and the list of storage keys, then the storages' bytes (torch_legacy.hpp)
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/checked_parts.hpp"
#include "encoder/pickle.hpp"
#include "encoder/stored_tensor.hpp"

namespace clef {

struct TorchFile {
    std::string format;  // for a person: "PyTorch zip checkpoint"
    Pickle pickle;
    std::map<std::string, std::span<const std::byte>> storages;  // by key; views of the file
    bool big_endian = false;
    std::string note;                // clef.json, as `clef model export` writes it beside the rest
    std::vector<CheckedPart> parts;  // zip: every entry
};

// One of torch's storage classes or dtypes.
struct TorchType {
    std::string_view storage_class;  // "FloatStorage"
    std::string_view dtype;          // "float32"
    std::size_t bytes = 0;
    std::optional<ElementType> type;  // none: known, but not read
};
const TorchType* find_torch_type(std::string_view class_or_dtype);  // nullptr: unknown

// A persistent id ('storage', class, key, location, elements[, view]).
struct TorchStorage {
    const TorchType* type = nullptr;  // nullptr: UntypedStorage, counted in bytes
    std::string key;
    std::uint64_t elements = 0;
    std::uint64_t view_offset = 0;  // legacy views: first element within the storage of that key
};
// Nothing where the node is no storage; InputError where it is a malformed one.
std::optional<TorchStorage> torch_storage(const Pickle& pickle, const PickleNode& node);

// Nothing where the node is no tensor, or an element type or layout that is not read (sparse,
// quantised, …). InputError naming `what` where it is one whose storage is absent or too short or
// which leaves its storage.
std::optional<StoredTensor> torch_tensor(const TorchFile& file, const PickleNode& node,
                                         const std::string& what);

// A dict, or one of Python's dict classes (OrderedDict, defaultdict).
bool is_dictionary(const Pickle& pickle, const PickleNode& node);
// "a list", "an object of class x.Y", …: for messages.
std::string describe(const Pickle& pickle, const PickleNode& node);

}  // namespace clef
