#include "encoder/torch_legacy.hpp"

#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace clef {

namespace {

using Bytes = std::span<const std::byte>;
using Kind = PickleNode::Kind;

// 0x1950a86a20f9469cfc6c as LONG1 stores it, and as decimal digits in protocols 0 and 1.
constexpr std::string_view magic_bytes("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::string_view magic_digits = "119547037146038801333356";

// The pickles stand one behind the other.
class Sequence {
  public:
    Sequence(Bytes bytes, const std::string& source) : rest_(bytes), source_(source) {}

    Pickle next() {
        Pickle pickle = unpickle(rest_, source_);
        rest_ = rest_.subspan(pickle.bytes);
        return pickle;
    }
    Bytes take(std::uint64_t count, const std::string& key) {
        if (count > rest_.size()) {
            fail_input("{}: storage '{}' of {} bytes leaves the file; it is truncated", source_,
                       key, count);
        }
        const Bytes part = rest_.first(count);
        rest_ = rest_.subspan(count);
        return part;
    }

  private:
    Bytes rest_;
    const std::string& source_;
};

void check_magic(const Pickle& pickle, const std::string& source) {
    const PickleNode& magic = pickle.top();
    if (magic.kind == Kind::big_integer &&
        (magic.text == magic_bytes || magic.text == magic_digits)) {
        return;
    }
    fail_input(
        "{}: a pickle of {}, not a checkpoint: expected what torch.save() writes. Save the "
        "model's state_dict() with torch.save()",
        source, describe(pickle, magic));
}

bool is_little_endian(const Pickle& description) {
    const PickleNode* little = description.find(description.top(), "little_endian");
    return little == nullptr || little->integer != 0;
}

// Bytes per element by storage key, from all the persistent ids of the object.
std::map<std::string, std::size_t> element_sizes(const Pickle& pickle, const std::string& source) {
    std::map<std::string, std::size_t> sizes;
    try {
        for (const PickleNode& node : pickle.nodes) {
            if (const auto storage = torch_storage(pickle, node)) {
                sizes[storage->key] = storage->type == nullptr ? 1 : storage->type->bytes;
            }
        }
    } catch (const InputError& error) {
        fail_input("{}: {}", source, error.what());
    }
    return sizes;
}

}  // namespace

bool looks_like_pickle(Bytes bytes) {
    if (bytes.size() < 2) return false;
    const auto first = std::to_integer<unsigned>(bytes[0]);
    const auto second = std::to_integer<unsigned>(bytes[1]);
    return (first == 0x80 && second <= 5) || first == 'L' || first == '(' || first == '}' ||
           first == ']' || (first == 'c' && second >= 'A' && second <= 'z');
}

TorchFile read_torch_legacy(Bytes bytes, const std::string& source) {
    Sequence sequence(bytes, source);
    check_magic(sequence.next(), source);
    const Pickle protocol = sequence.next();
    if (protocol.top().kind != Kind::integer || protocol.top().integer != 1001) {
        fail_input("{}: not version 1001 of PyTorch's old file format", source);
    }
    TorchFile file;
    file.format = "PyTorch legacy checkpoint";
    file.big_endian = !is_little_endian(sequence.next());
    file.pickle = sequence.next();
    const std::map<std::string, std::size_t> sizes = element_sizes(file.pickle, source);
    const Pickle keys = sequence.next();
    if (keys.top().kind != Kind::list) {
        fail_input("{}: expected the list of storages behind the object", source);
    }
    for (const PickleIndex index : keys.top().items) {
        const std::string& key = keys.at(index).text;
        const auto size = sizes.find(key);
        if (size == sizes.end()) fail_input("{}: storage '{}' belongs to no tensor", source, key);
        std::uint64_t count = 0;
        std::memcpy(&count, sequence.take(sizeof count, key).data(), sizeof count);
        if (file.big_endian) count = __builtin_bswap64(count);
        std::uint64_t length = 0;
        if (__builtin_mul_overflow(count, std::uint64_t{size->second}, &length)) {
            fail_input("{}: storage '{}' has {} elements; the file is damaged", source, key, count);
        }
        file.storages[key] = sequence.take(length, key);
    }
    return file;
}

}  // namespace clef
