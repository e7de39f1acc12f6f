#include "encoder/stored_zip_writer.hpp"

#include <zlib.h>

#include "encoder/little_endian.hpp"

namespace clef {

namespace {

constexpr std::uint64_t alignment = 64;
constexpr std::uint16_t plain_version = 20;
constexpr std::uint16_t zip64_version = 45;
constexpr std::uint16_t first_date = 0x21;       // 1 January 1980, the earliest there is
constexpr std::uint16_t padding_field = 0x4246;  // "FB", as PyTorch's own writer marks its padding

template <typename... Numbers>
void append(std::string& bytes, Numbers... numbers) {
    (append_little_endian(bytes, numbers), ...);
}

std::uint16_t length16(std::size_t length) {
    return static_cast<std::uint16_t>(length);
}

// What stands in a 32-bit field whose value is in the zip64 extra field.
std::uint32_t short_form(std::uint64_t value, bool elsewhere) {
    return elsewhere ? 0xFFFFFFFF : static_cast<std::uint32_t>(value);
}

// Behind the signature, local and central headers agree on these.
void append_common(std::string& bytes, std::uint16_t version, std::uint32_t checksum,
                   std::uint32_t size, std::size_t name, std::size_t extra) {
    constexpr std::uint16_t utf8_names = 1 << 11;
    append(bytes, version, utf8_names, std::uint16_t{0}, std::uint16_t{0}, first_date, checksum,
           size, size, length16(name), length16(extra));
}

}  // namespace

void StoredZipWriter::write(const std::string& bytes) {
    file_.write(bytes);
    position_ += bytes.size();
}

void StoredZipWriter::write_local_header(const Entry& entry) {
    const bool zip64 = entry.size >= zip64_from_;
    std::string extra;
    if (zip64) append(extra, std::uint16_t{1}, std::uint16_t{16}, entry.size, entry.size);
    constexpr std::size_t fixed = 30;
    constexpr std::size_t field_header = 4;
    const std::uint64_t end = position_ + fixed + entry.name.size() + extra.size() + field_header;
    const std::size_t padding = (alignment - end % alignment) % alignment;
    append(extra, padding_field, length16(padding));
    extra.append(padding, '\0');

    std::string header;
    append(header, std::uint32_t{0x04034b50});
    append_common(header, zip64 ? zip64_version : plain_version, entry.checksum,
                  short_form(entry.size, zip64), entry.name.size(), extra.size());
    write(header + entry.name + extra);
}

void StoredZipWriter::add(const std::string& name, std::span<const std::byte> contents) {
    Entry entry{name, contents.size(), position_, 0};
    entry.checksum = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(contents.data()), contents.size()));
    write_local_header(entry);
    file_.write(contents.data(), contents.size());
    position_ += contents.size();
    entries_.push_back(std::move(entry));
}

void StoredZipWriter::add(const std::string& name, const std::string& contents) {
    add(name, std::as_bytes(std::span(contents)));
}

std::string StoredZipWriter::central_header(const Entry& entry) const {
    const bool long_size = entry.size >= zip64_from_;
    const bool long_offset = entry.offset >= zip64_from_;
    std::string values;
    if (long_size) append(values, entry.size, entry.size);
    if (long_offset) append(values, entry.offset);
    std::string extra;
    if (!values.empty()) append(extra, std::uint16_t{1}, length16(values.size()));
    extra += values;
    const std::uint16_t version = extra.empty() ? plain_version : zip64_version;
    std::string header;
    append(header, std::uint32_t{0x02014b50}, version);  // made by, with no particular system
    append_common(header, version, entry.checksum, short_form(entry.size, long_size),
                  entry.name.size(), extra.size());
    // No comment, disk 0, no attributes.
    append(header, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}, std::uint32_t{0},
           short_form(entry.offset, long_offset));
    return header + entry.name + extra;
}

void StoredZipWriter::finish() {
    const std::uint64_t start = position_;
    for (const Entry& entry : entries_) write(central_header(entry));
    const std::uint64_t size = position_ - start;
    const std::uint64_t count = entries_.size();
    const bool zip64 = start >= zip64_from_ || size >= zip64_from_ || count >= 0xFFFF;
    std::string end;
    if (zip64) {
        append(end, std::uint32_t{0x06064b50}, std::uint64_t{44}, zip64_version, zip64_version,
               std::uint32_t{0}, std::uint32_t{0}, count, count, size, start);
        append(end, std::uint32_t{0x07064b50}, std::uint32_t{0}, position_, std::uint32_t{1});
    }
    const std::uint16_t short_count = zip64 ? 0xFFFF : length16(count);
    append(end, std::uint32_t{0x06054b50}, std::uint16_t{0}, std::uint16_t{0}, short_count,
           short_count, short_form(size, zip64), short_form(start, zip64), std::uint16_t{0});
    write(end);
}

}  // namespace clef
