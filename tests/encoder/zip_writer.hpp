// The smallest zip files that a test needs: entries stored as they are, with the fields that a test
// wants to be wrong. Written out from APPNOTE, independently of the program's own writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clef::testing {

struct ZipEntry {
    std::string name;
    std::string data;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    bool zip64 = false;  // sizes and offset in the extra field
    std::uint32_t checksum = 0;
};

inline void put(std::string& text, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xFF);
}

inline std::string zip(const std::vector<ZipEntry>& entries, bool zip64_end = false) {
    std::string file;
    std::string directory;
    for (const ZipEntry& entry : entries) {
        const std::uint64_t offset = file.size();
        const std::uint64_t size = entry.zip64 ? 0xFFFFFFFF : entry.data.size();
        put(file, 0x04034b50, 4);
        put(file, 45, 2);
        put(file, entry.flags, 2);
        put(file, entry.method, 2);
        put(file, 0, 4);  // time, date
        put(file, entry.checksum, 4);
        put(file, size, 4);
        put(file, size, 4);
        put(file, entry.name.size(), 2);
        put(file, 0, 2);
        file += entry.name + entry.data;

        put(directory, 0x02014b50, 4);
        put(directory, 45, 2);
        put(directory, 45, 2);
        put(directory, entry.flags, 2);
        put(directory, entry.method, 2);
        put(directory, 0, 4);
        put(directory, entry.checksum, 4);
        put(directory, size, 4);
        put(directory, size, 4);
        put(directory, entry.name.size(), 2);
        put(directory, entry.zip64 ? 28 : 0, 2);
        put(directory, 0, 10);  // comment, disk, attributes
        put(directory, entry.zip64 ? 0xFFFFFFFF : offset, 4);
        directory += entry.name;
        if (!entry.zip64) continue;
        put(directory, 1, 2);
        put(directory, 24, 2);
        put(directory, entry.data.size(), 8);
        put(directory, entry.data.size(), 8);
        put(directory, offset, 8);
    }
    const std::uint64_t start = file.size();
    file += directory;
    if (zip64_end) {
        const std::uint64_t record = file.size();
        put(file, 0x06064b50, 4);
        put(file, 44, 8);
        put(file, 45, 2);
        put(file, 45, 2);
        put(file, 0, 8);
        put(file, entries.size(), 8);
        put(file, entries.size(), 8);
        put(file, directory.size(), 8);
        put(file, start, 8);
        put(file, 0x07064b50, 4);
        put(file, 0, 4);
        put(file, record, 8);
        put(file, 1, 4);
    }
    put(file, 0x06054b50, 4);
    put(file, 0, 4);
    put(file, zip64_end ? 0xFFFF : entries.size(), 2);
    put(file, zip64_end ? 0xFFFF : entries.size(), 2);
    put(file, directory.size(), 4);
    put(file, zip64_end ? 0xFFFFFFFF : start, 4);
    put(file, 0, 2);
    return file;
}

}  // namespace clef::testing
