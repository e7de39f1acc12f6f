// Files: reading them whole or mapped, and writing them so that a power cut leaves either the old
// file or the new one, never half of either. All errors are InputError (reading) or RunError
// (writing) and name the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace clef {

// A whole file, mapped into memory or, if small, copied. Movable, not copyable; the bytes live as
// long as it does. An empty file is an empty span. Safe to read from several threads.
class MappedFile {
  public:
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

// The whole file as text. Refuses files over `max_bytes` so that a hostile path cannot fill memory.
std::string read_text_file(const std::filesystem::path& path,
                           std::uintmax_t max_bytes = std::uintmax_t{1} << 30);

// A file that appears under its name only when commit() has returned: written beside it under a
// temporary name, flushed to the disk, then renamed. Destroying it uncommitted removes the
// temporary file. Creates missing parent folders. Not thread-safe.
class AtomicFile {
  public:
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    // Binary stream. Check nothing by hand: commit() reports any failed write.
    std::ostream& stream() { return stream_; }
    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    void commit();

  private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    std::ofstream stream_;
    bool committed_ = false;
};

// AtomicFile in one call.
void write_file(const std::filesystem::path& path, std::string_view contents);

// Creates the folder and its parents; an InputError says why it cannot.
void make_folder(const std::filesystem::path& path);

}  // namespace clef
