#include "encoder/torch_zip.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace clef {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50;
constexpr std::size_t end_size = 22;
constexpr std::size_t end64_size = 56;
constexpr std::size_t locator64_size = 20;
constexpr std::uint64_t most_entries = 1'000'000;

// Little-endian fields at a position; out of range is a truncated file.
class Fields {
  public:
    Fields(Bytes bytes, const std::string& source) : bytes_(bytes), source_(source) {}

    template <typename Number>
    Number at(std::uint64_t position) const {
        Number value{};
        std::memcpy(&value, part(position, sizeof value).data(), sizeof value);
        return value;
    }
    Bytes part(std::uint64_t position, std::uint64_t count) const {
        if (position > bytes_.size() || count > bytes_.size() - position) {
            fail_input("{}: byte {}: {} bytes are wanted beyond the end; the zip file is truncated",
                       source_, position, count);
        }
        return bytes_.subspan(position, count);
    }

  private:
    Bytes bytes_;
    const std::string& source_;
};

struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t entries = 0;
};

// The end record stands at most 64 KiB (a comment) before the end of the file.
std::uint64_t find_end(Bytes bytes, const Fields& fields, const std::string& source) {
    if (bytes.size() >= end_size) {
        const std::uint64_t last = bytes.size() - end_size;
        const std::uint64_t first = last > 0xFFFF ? last - 0xFFFF : 0;
        for (std::uint64_t i = last + 1; i-- > first;) {
            if (fields.at<std::uint32_t>(i) == end_signature &&
                i + end_size + fields.at<std::uint16_t>(i + 20) == bytes.size()) {
                return i;
            }
        }
    }
    fail_input(
        "{}: begins as a zip file and has no table of contents at its end: it is truncated, the "
        "download or copy did not finish",
        source);
}

Directory find_directory(Bytes bytes, const Fields& fields, const std::string& source) {
    const std::uint64_t end = find_end(bytes, fields, source);
    Directory directory{fields.at<std::uint32_t>(end + 16), fields.at<std::uint16_t>(end + 10)};
    const bool zip64 = end >= locator64_size &&
                       fields.at<std::uint32_t>(end - locator64_size) == locator64_signature;
    if (zip64) {
        const auto record = fields.at<std::uint64_t>(end - locator64_size + 8);
        if (fields.at<std::uint32_t>(record) != end64_signature) {
            fail_input("{}: byte {}: expected the zip64 end record", source, record);
        }
        const Bytes body = fields.part(record, end64_size);
        const Fields values(body, source);
        directory = {values.at<std::uint64_t>(48), values.at<std::uint64_t>(32)};
    }
    if (directory.entries > most_entries) {
        fail_input("{}: {} entries; no PyTorch file has as many", source, directory.entries);
    }
    return directory;
}

struct Entry {
    std::string name;
    std::uint32_t checksum = 0;
    std::uint64_t size = 0;
    std::uint64_t stored_size = 0;
    std::uint64_t header = 0;
    std::uint64_t next = 0;  // position of the next entry of the directory
};

// Fields that do not fit 32 bits stand in the zip64 extra field, in this order, only those needed.
void read_zip64(Entry& entry, Bytes extra, const std::string& source) {
    const Fields fields(extra, source);
    for (std::uint64_t i = 0; i + 4 <= extra.size();) {
        const auto id = fields.at<std::uint16_t>(i);
        const auto length = fields.at<std::uint16_t>(i + 2);
        if (id == 1) {
            std::uint64_t position = i + 4;
            for (std::uint64_t* value : {&entry.size, &entry.stored_size, &entry.header}) {
                if (*value != 0xFFFFFFFF) continue;
                *value = fields.at<std::uint64_t>(position);
                position += 8;
            }
        }
        i += 4 + std::uint64_t{length};
    }
}

Entry read_entry(const Fields& fields, std::uint64_t position, const std::string& source) {
    if (fields.at<std::uint32_t>(position) != central_signature) {
        fail_input("{}: byte {}: expected an entry of the zip file's table of contents", source,
                   position);
    }
    const std::uint64_t name_length = fields.at<std::uint16_t>(position + 28);
    const std::uint64_t extra_length = fields.at<std::uint16_t>(position + 30);
    const std::uint64_t comment_length = fields.at<std::uint16_t>(position + 32);
    const Bytes name = fields.part(position + 46, name_length);
    Entry entry;
    entry.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    entry.checksum = fields.at<std::uint32_t>(position + 16);
    entry.stored_size = fields.at<std::uint32_t>(position + 20);
    entry.size = fields.at<std::uint32_t>(position + 24);
    entry.header = fields.at<std::uint32_t>(position + 42);
    read_zip64(entry, fields.part(position + 46 + name_length, extra_length), source);
    entry.next = position + 46 + name_length + extra_length + comment_length;
    const auto method = fields.at<std::uint16_t>(position + 10);
    const auto flags = fields.at<std::uint16_t>(position + 8);
    if ((flags & 1U) != 0) fail_input("{}: zip entry '{}' is encrypted", source, entry.name);
    if (method != 0 || entry.size != entry.stored_size) {
        fail_input(
            "{}: zip entry '{}' is compressed (method {}); PyTorch stores its entries "
            "uncompressed. Was the file packed again? Unpack it and take the one inside, or load "
            "and save it with PyTorch",
            source, entry.name, method);
    }
    return entry;
}

Bytes entry_bytes(const Fields& fields, const Entry& entry, const std::string& source) {
    if (fields.at<std::uint32_t>(entry.header) != local_signature) {
        fail_input("{}: zip entry '{}': no header at byte {}", source, entry.name, entry.header);
    }
    const std::uint64_t name_length = fields.at<std::uint16_t>(entry.header + 26);
    const std::uint64_t extra_length = fields.at<std::uint16_t>(entry.header + 28);
    try {
        return fields.part(entry.header + 30 + name_length + extra_length, entry.size);
    } catch (const InputError& error) {
        fail_input("{} (zip entry '{}')", error.what(), entry.name);
    }
}

std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The folder within the archive that holds data.pkl, with its slash; empty: none.
std::string find_top(const std::vector<CheckedPart>& parts, const std::string& source) {
    std::optional<std::string> top;
    for (const CheckedPart& part : parts) {
        const std::string& name = part.name;
        const bool pickle = name == "data.pkl" ||
                            (name.ends_with("/data.pkl") && name.find('/') == name.size() - 9);
        if (!pickle) continue;
        if (top) fail_input("{}: two pickles, '{}data.pkl' and '{}'", source, *top, name);
        top = name.substr(0, name.size() - std::string_view("data.pkl").size());
    }
    if (!top) {
        fail_input("{}: a zip file without data.pkl: not written by PyTorch's torch.save()",
                   source);
    }
    return *top;
}

bool is_big_endian(Bytes bytes, const std::string& source) {
    const std::string_view text = text_of(bytes);
    if (text != "little" && text != "big") {
        fail_input("{}: byte order '{}', expected 'little' or 'big'", source, text.substr(0, 20));
    }
    return text == "big";
}

std::string note_text(Bytes bytes, const std::string& source) {
    constexpr std::size_t most = std::size_t{16} << 20;
    if (bytes.size() > most) {
        fail_input("{}: zip entry 'clef.json' of {} bytes, expected at most {}", source,
                   bytes.size(), most);
    }
    return std::string(text_of(bytes));
}

}  // namespace

bool looks_like_zip(Bytes bytes) {
    std::uint32_t signature = 0;
    if (bytes.size() < sizeof signature) return false;
    std::memcpy(&signature, bytes.data(), sizeof signature);
    return signature == local_signature || signature == end_signature;
}

std::vector<CheckedPart> read_stored_zip(Bytes bytes, const std::string& source) {
    const Fields fields(bytes, source);
    const Directory directory = find_directory(bytes, fields, source);
    std::map<std::string, CheckedPart> entries;
    std::uint64_t position = directory.offset;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        const Entry entry = read_entry(fields, position, source);
        const CheckedPart part{entry.name, entry_bytes(fields, entry, source), entry.checksum};
        if (!entries.emplace(entry.name, part).second) {
            fail_input("{}: zip entry '{}' stands there twice", source, entry.name);
        }
        position = entry.next;
    }
    std::vector<CheckedPart> parts;
    for (auto& [name, part] : entries) parts.push_back(std::move(part));
    return parts;
}

TorchFile read_torch_zip(Bytes bytes, const std::string& source) {
    TorchFile file;
    file.format = "PyTorch zip checkpoint";
    file.parts = read_stored_zip(bytes, source);
    const std::string top = find_top(file.parts, source);
    const std::string folder = top + "data/";
    const CheckedPart* pickle = nullptr;
    for (CheckedPart& part : file.parts) {
        if (!part.name.starts_with(top)) continue;
        const std::string name = part.name.substr(top.size());
        part.head = name == "data.pkl" || name == "byteorder" || name == "clef.json";
        if (name == "data.pkl") pickle = &part;
        if (name == "byteorder") file.big_endian = is_big_endian(part.bytes, source);
        if (name == "clef.json") file.note = note_text(part.bytes, source);
        if (name == "constants.pkl") {
            fail_input(
                "{}: a TorchScript program, expected a checkpoint; save its state_dict() instead",
                source);
        }
        if (part.name.starts_with(folder)) {
            file.storages[part.name.substr(folder.size())] = part.bytes;
        }
    }
    file.pickle = unpickle(pickle->bytes, source);
    return file;
}

}  // namespace clef
