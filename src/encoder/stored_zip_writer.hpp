// A zip archive whose entries are stored, not compressed, and begin on multiples of 64 bytes, so
// that they can be mapped: the container of PyTorch's checkpoints. Source: PKWARE's APPNOTE.TXT
// 6.3.9, sections 4.3 and 4.5.3 (zip64, used only where a size or offset needs it).
//
// Entries stream out one after the other; the same entries give the same bytes (no times, no
// permissions). Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace clef {

class StoredZipWriter {
  public:
    // Sizes and offsets from `zip64_from` on are written in 64 bits; lower it only in tests.
    explicit StoredZipWriter(AtomicFile& file, std::uint64_t zip64_from = 0xFFFFFFFF)
        : file_(file), zip64_from_(zip64_from) {}

    void add(const std::string& name, std::span<const std::byte> contents);
    void add(const std::string& name, const std::string& contents);
    void finish();  // the central directory; nothing may be added afterwards

  private:
    struct Entry {
        std::string name;
        std::uint64_t size = 0;
        std::uint64_t offset = 0;
        std::uint32_t checksum = 0;
    };

    void write(const std::string& bytes);
    void write_local_header(const Entry& entry);
    std::string central_header(const Entry& entry) const;

    AtomicFile& file_;
    std::uint64_t zip64_from_;
    std::uint64_t position_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace clef
